package program

// RunOptions are a run's deviations from the role's settings.
type RunOptions struct {
	Rollout     int
	Temperature *float64
	Fresh       bool
	// Avoid are questions already asked of this chunk (per_chunk > 1).
	Avoid []string
	// Plan is which type and format the question is to have.
	Plan Plan
	// Refused is what was asked and why it will not do; nil: nothing was.
	Refused *Refusal
}

// Refusal is a question that did not pass, and the reason.
type Refusal struct{ Query, Reason string }
