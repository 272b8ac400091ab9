package program

import (
	"context"
	"slices"
)

// Step is one predictor's call in a run, for traces and demonstrations.
type Step struct {
	Predictor string
	Inputs    Values
	Outputs   Values
	Model     string
	Endpoint  string
}

// Prediction is one run of the pipeline.
type Prediction struct {
	Query, QueryType, QueryFormat string
	Model                         string // that wrote the query
	Trace                         []Step
}

// Run asks the analyzer, then the generator. in holds chunk_text and
// persona_description. Errors are the LM's own, or *ReplyError.
func (p *Program) Run(ctx context.Context, m Model, in Values, o RunOptions) (Prediction, error) {
	var out Prediction
	known := Values{}
	for k, v := range in {
		known[k] = v
	}
	for _, pr := range p.Predictors {
		inputs := pr.inputs(known)
		got, ans, err := Predict(ctx, m, pr, inputs, o)
		if err != nil {
			return out, err
		}
		got = o.Plan.keep(pr, got)
		for k, v := range got {
			known[k] = v
		}
		out.Trace = append(out.Trace, Step{Predictor: pr.Name, Inputs: inputs, Outputs: got, Model: ans.Model, Endpoint: ans.Endpoint})
		out.Model = ans.Model
	}
	out.Query, out.QueryType, out.QueryFormat = known["query"], known["query_type"], known["query_format"]
	return out, nil
}

// Again asks the last predictor of a run once more, with the same inputs and a
// line that says what was refused and why. The earlier predictors' answers stay.
func (p *Program) Again(ctx context.Context, m Model, got Prediction, reason string, o RunOptions) (Prediction, error) {
	last := got.Trace[len(got.Trace)-1]
	o.Refused = &Refusal{Query: got.Query, Reason: reason}
	answer, ans, err := Predict(ctx, m, p.Predictor(last.Predictor), last.Inputs, o)
	if err != nil {
		return Prediction{}, err
	}
	out := got
	out.Query, out.Model = answer["query"], ans.Model
	out.Trace = append(slices.Clone(got.Trace), Step{Predictor: last.Predictor, Inputs: last.Inputs, Outputs: answer, Model: ans.Model, Endpoint: ans.Endpoint})
	return out, nil
}
