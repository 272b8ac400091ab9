package program

import (
	"context"
	"errors"
	"fmt"

	"qgen-sidecar/engine/program/reply"
)

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
	layout layout
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
	var last *ReplyError
	for _, a := range attempts(m.Layout) {
		ans, err := m.LM.Complete(ctx, p.query(a, in, o))
		var useless *ReplyError
		if errors.As(err, &useless) {
			if last = useless; last.Predictor == "" { // there was no reply to read: no step's fault
				last = &ReplyError{Role: m.Role, Predictor: m.Role, Reply: useless.Reply, Reason: useless.Reason}
			}
			continue
		}
		if err != nil && last != nil {
			return nil, Answer{}, fmt.Errorf("%w; asking again failed: %w", last, err)
		}
		if err != nil {
			return nil, Answer{}, err
		}
		out, err := reply.Read(p.Signature, a.layout.form(), ans.Text, ans.FinishReason == "length")
		if err == nil {
			return out, ans, nil
		}
		last = &ReplyError{Role: m.Role, Predictor: p.Name, Reply: ans.Text, Reason: err.Error()}
	}
	return nil, Answer{}, last
}

func (p *Predictor) query(a attempt, in Values, o RunOptions) Query {
	head := p.head(a.layout)
	q := Query{
		Messages: head.followedBy(p.request(a.layout, in, o)), Head: head, ResponseFormat: a.layout.responseFormat(p.Signature),
		Rollout: o.Rollout, Temperature: o.Temperature, Fresh: o.Fresh,
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
