package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/gate"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/optimize"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/verdict"
)

// defaultThreshold is the score from which an answer is a success.
const defaultThreshold = 4.0

// scorer scores predictions for compile and evaluate. Safe for concurrent use.
type scorer struct {
	engine    *Engine
	call      *lm.Call
	metric    api.Metric
	threshold float64
	judge     *verdict.Judge

	gatekeeper program.Model // of the gate answerable
}

func (e *Engine) newScorer(c *lm.Call, m *api.Metric, threshold *float64) (*scorer, error) {
	s := &scorer{engine: e, call: c, metric: api.Metric{Name: api.MetricJudge}, threshold: defaultThreshold}
	if m != nil {
		s.metric = *m
	}
	if s.metric.Name == "" {
		s.metric.Name = api.MetricJudge
	}
	if err := s.metric.Check(); err != nil {
		return nil, err
	}
	if threshold != nil {
		s.threshold = *threshold
	}
	if s.threshold < 1 || s.threshold > 5 {
		return nil, &api.ParamError{Param: "threshold", Expected: "a score from 1 to 5", Found: fmt.Sprint(s.threshold)}
	}
	var err error
	if s.metric.Gates, err = metricGates(s.metric.Gates); err != nil {
		return nil, err
	}
	return s, s.prepare()
}

// metricGates are the gates that a metric can use: those that need nothing but
// the texts. The others search the store, in which an example has no place: its
// chunk need not be there, and what is saved changes from day to day.
func metricGates(asked []string) ([]string, error) {
	gates, err := gate.Check("metric.gates", asked)
	for _, g := range gates {
		if g == gate.RoundTrip || g == gate.Duplicate {
			return nil, &api.ParamError{Param: "metric.gates", Expected: "any of " + strings.Join(append(slices.Clone(gate.Text), gate.Answerable), ", ") +
				" (the others search the store: use them in generate, and check-questions to measure them)", Found: g}
		}
	}
	return gates, err
}

// asksWhether reports that a success is asked of the judge's model once more:
// does the chunk answer it?
func (s *scorer) asksWhether() bool { return slices.Contains(s.metric.Gates, gate.Answerable) }

// prepare finds who scores.
func (s *scorer) prepare() (err error) {
	if s.asksWhether() {
		if s.gatekeeper, err = s.engine.lm.Model(s.call, "judge"); err != nil {
			return err
		}
	}
	if s.metric.Name == api.MetricHost {
		if s.engine.host.Score == nil {
			return &api.CallbackError{Callback: "score", Reason: `not offered by the host, but metric is "host"; declare the capability score at initialize, or use metric "judge"`}
		}
		return nil
	}
	model, err := s.engine.lm.Model(s.call, "judge")
	s.judge = verdict.NewJudge(model, s.engine.cfg.JudgeRole().Instructions)
	return err
}

// model names who scores, for results.
func (s *scorer) model() string {
	if s.metric.Name == api.MetricHost {
		return "host"
	}
	return s.engine.cfg.JudgeRole().Model
}

// score scores one question; rollout > 0 asks the judge again independently.
func (s *scorer) score(ctx context.Context, ex program.Values, query string, rollout int) (optimize.Score, error) {
	value, reason, err := s.ask(ctx, ex, query, rollout)
	if err != nil {
		return optimize.Score{}, err
	}
	score := optimize.Score{Value: value, Success: value >= s.threshold, Reason: reason}
	against := s.engine.gate.TextFaults(s.metric.Gates, query, ex["chunk_text"])
	// Asked last, as it costs a call, and of a success alone, as it can only undo one.
	if len(against) == 0 && score.Success && s.asksWhether() {
		why, err := gate.AskAnswerable(ctx, s.gatekeeper, ex["chunk_text"], query, program.RunOptions{Fresh: s.call.Fresh})
		if err != nil {
			return optimize.Score{}, err
		}
		if why != "" {
			against = []gate.Fault{{Gate: gate.Answerable, Reason: why}}
		}
	}
	for _, fault := range against {
		score.Success = false
		score.Reason = strings.TrimSpace(score.Reason + " [gate " + fault.String() + "]")
	}
	return score, nil
}

func (s *scorer) ask(ctx context.Context, ex program.Values, query string, rollout int) (float64, string, error) {
	chunk, persona, gold := ex["chunk_text"], ex["persona_description"], ex["query"]
	if s.metric.Name == api.MetricJudge {
		j, err := s.judge.Score(ctx, chunk, persona, gold, query, rollout, s.call.Fresh)
		return float64(j.Score), j.Reason, err
	}
	ctx, cancel := s.engine.lm.CallbackContext(ctx)
	defer cancel()
	score, reason, err := s.engine.host.Score(ctx, chunk, persona, gold, query)
	if err == nil && (score < 1 || score > 5) {
		err = fmt.Errorf("expected a score from 1 to 5, found %d", score)
	}
	return float64(score), reason, s.engine.lm.CallbackFault(ctx, "score", err)
}
