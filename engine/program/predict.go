package program

import (
	"context"
	"errors"
	"fmt"
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

// inputs are those of the values that the signature takes.
func (p *Predictor) inputs(known Values) Values {
	in := Values{}
	for _, f := range p.Signature.Inputs {
		if v, ok := known[f.Name]; ok {
			in[f.Name] = v
		}
	}
	return in
}

// retryRollout keeps a retry's draw apart from those that callers ask for.
const retryRollout = 1 << 20

// retryTemperature is what a second draw of the same prompt is asked with, so
// that it can differ: DSPy's rollouts use the same.
const retryTemperature = 1.0

// MaxAttempts is how many calls one Predict may make. Three, because the small
// models that need a second one need a third one time in ten.
const MaxAttempts = 3

// attempt is one call of Predict.
type attempt struct {
	layout int
	redraw int // > 0: the same again, as another draw
}

// attempts are what a layout allows.
func attempts(l Layout) [MaxAttempts]attempt {
	switch l {
	case LayoutMarkers:
		return [...]attempt{{byMarkers, 0}, {byMarkers, 1}, {byMarkers, 2}}
	case LayoutJSON:
		return [...]attempt{{byJSON, 0}, {byJSON, 1}, {byJSON, 2}}
	}
	return [...]attempt{{byMarkers, 0}, {byJSON, 0}, {byJSON, 1}}
}

// Predict asks one signature once and returns its typed outputs. Used for the
// pipeline's predictors and for every other signature (judge, suggestions,
// gates). A reply that cannot be read is asked for again: in layout auto as JSON
// by schema, then and else as another draw. When MaxAttempts have failed the
// error is *ReplyError with the last reply. The LM's own errors are returned as
// they are.
func Predict(ctx context.Context, m Model, p *Predictor, in Values, o RunOptions) (Values, Answer, error) {
	var fault *ReplyError
	for _, a := range attempts(m.Layout) {
		ans, err := m.LM.Complete(ctx, p.query(a, in, o))
		var useless *ReplyError
		if errors.As(err, &useless) {
			fault = useless
			continue
		}
		if err != nil && fault != nil {
			return nil, Answer{}, fmt.Errorf("%w; asking again failed: %w", fault, err)
		}
		if err != nil {
			return nil, Answer{}, err
		}
		out, err := readAnswer(p.Signature, a.layout, ans)
		if err == nil {
			return out, ans, nil
		}
		fault = &ReplyError{Role: m.Role, Predictor: p.Name, Reply: ans.Text, Reason: err.Error()}
	}
	return nil, Answer{}, fault
}

func (p *Predictor) query(a attempt, in Values, o RunOptions) Query {
	head := p.head(a.layout)
	q := Query{Messages: p.request(head, in, a.layout, o), Head: head, Rollout: o.Rollout, Temperature: o.Temperature, Fresh: o.Fresh}
	if a.layout == byJSON {
		q.ResponseFormat = Schema(p.Signature)
	}
	if a.redraw > 0 {
		q.Rollout += a.redraw * retryRollout
		if q.Temperature == nil {
			t := retryTemperature
			q.Temperature = &t
		}
	}
	return q
}

// readAnswer reads a reply; one that ended at the token limit says so.
func readAnswer(s Signature, layout int, ans Answer) (Values, error) {
	out, err := parseAny(s, layout, ans.Text)
	if ans.FinishReason != "length" {
		return out, err
	}
	const hint = "the reply was cut off at the token limit (finish_reason length); raise the role's max_tokens"
	if err != nil {
		return nil, fmt.Errorf("%w; %s", err, hint)
	}
	if answer, err := withoutThinking(ans.Text); err == nil && cutOff(s, answer) {
		return nil, errors.New("its last field is not closed; " + hint)
	}
	return out, nil
}
