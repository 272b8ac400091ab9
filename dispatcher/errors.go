package dispatcher

import (
	"fmt"
	"strings"

	"qgen-sidecar/dispatcher/schedule"
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

// BudgetError: the call tree's budget is spent; what was answered stays usable.
type BudgetError struct {
	Usage  Usage
	Budget Budget
}

func (e *BudgetError) Error() string {
	return fmt.Sprintf("budget spent: %d calls, %d tokens used of %+v; raise the budget, or repeat the call: what was answered is cached",
		e.Usage.Calls, e.Usage.PromptTokens+e.Usage.CompletionTokens, e.Budget)
}

// ReplyError: an endpoint answered, but nothing that can be used (refused,
// empty, cut off), also after retries.
type ReplyError struct {
	Role, Reply, Reason string
}

func (e *ReplyError) Error() string {
	return fmt.Sprintf("the %s model's reply could not be used: %s", e.Role, e.Reason)
}
