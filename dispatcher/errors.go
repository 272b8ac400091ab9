package dispatcher

import (
	"fmt"
	"strings"

	"qgen-sidecar/dispatcher/schedule"
	"qgen-sidecar/internal/fault"
)

// NoEndpointError: every eligible endpoint is dead or has failed this call.
// Rate limits alone never cause it.
type NoEndpointError struct {
	Model     string
	Endpoints []EndpointFailure
}

// EndpointFailure says what one endpoint answered last.
type EndpointFailure = schedule.EndpointFailure

func (e *NoEndpointError) Error() string {
	if len(e.Endpoints) == 0 {
		return fmt.Sprintf("no endpoint could answer for model %q: no endpoint is configured for it; add an [[endpoint]] or name one in the role's endpoints", e.Model)
	}
	parts := make([]string, len(e.Endpoints))
	for i, f := range e.Endpoints {
		parts[i] = fmt.Sprintf("%s (%s): %s", f.Name, f.State, f.LastError)
	}
	return fmt.Sprintf("no endpoint could answer for model %q: %s", e.Model, strings.Join(parts, "; "))
}

// BudgetError: the budget of a call, or of one above it, is spent; what was answered
// stays usable. PartialOutput is the path of what was saved so far, "" when nothing was.
type BudgetError struct {
	Usage         Usage
	Budget        Budget
	PartialOutput string
}

func (e *BudgetError) Error() string {
	if e.PartialOutput != "" {
		return "budget spent; the best so far is in " + e.PartialOutput + "; repeat the call with a larger budget: what was answered is cached"
	}
	return "budget spent; repeat the call with a larger budget: what was answered is cached"
}

// ReplyError: an endpoint answered, but nothing that can be used (refused,
// empty, cut off), also after retries.
type ReplyError = fault.ReplyError
