package metric

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/gate"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/optimize"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/quality"
	"qgen-sidecar/engine/verdict"
)

// DefaultThreshold is the score from which an answer is a success.
const DefaultThreshold = 4.0

// Scorer scores predictions for compile and evaluate. Safe for concurrent use.
type Scorer struct {
	Metric    api.Metric // as it is used: with its default, and its gates in order
	Threshold float64    // the score from which a prediction is a success, 1 to 5

	cfg    *config.Config
	models *lm.Models
	call   *lm.Call
	judge  *verdict.Judge // nil with a metric that asks no judge

	gatekeeper program.Model // of the gate answerable
}

// New is the scorer of one call. A metric or a threshold that cannot be used is a
// [*api.ParamError]; nil is the default of each.
func New(c *lm.Call, cfg *config.Config, models *lm.Models, m *api.Metric, threshold *float64) (*Scorer, error) {
	s := &Scorer{cfg: cfg, models: models, call: c, Metric: api.Metric{Name: api.MetricJudge}, Threshold: DefaultThreshold}
	if m != nil {
		s.Metric = *m
	}
	if s.Metric.Name == "" {
		s.Metric.Name = api.MetricJudge
	}
	if err := s.Metric.Check(); err != nil {
		return nil, err
	}
	if threshold != nil {
		s.Threshold = *threshold
	}
	if s.Threshold < 1 || s.Threshold > 5 {
		return nil, &api.ParamError{Param: "threshold", Expected: "a score from 1 to 5", Found: fmt.Sprint(s.Threshold)}
	}
	var err error
	if s.Metric.Gates, err = metricGates(s.Metric.Gates); err != nil {
		return nil, err
	}
	return s, s.prepare()
}

// metricGates are the gates that a metric can use: those that look at the texts alone,
// and answerable, which asks the judge's model. The others search the store, in which an
// example has no place: its chunk need not be there, and what is saved changes from day
// to day.
func metricGates(asked []string) ([]string, error) {
	gates, err := gate.Check("metric.gates", asked)
	usable := append(slices.Clone(quality.TextChecks), gate.Answerable)
	for _, g := range gates {
		if !slices.Contains(usable, g) {
			return nil, &api.ParamError{Param: "metric.gates", Expected: "any of " + strings.Join(usable, ", ") +
				" (the others search the store: use them in generate, and check-questions to measure them)", Found: g}
		}
	}
	return gates, err
}

// AsksAnswerable reports that a success is asked of the judge's model once more:
// does the chunk answer it?
func (s *Scorer) AsksAnswerable() bool { return slices.Contains(s.Metric.Gates, gate.Answerable) }

// prepare finds who scores.
func (s *Scorer) prepare() (err error) {
	if s.AsksAnswerable() {
		if s.gatekeeper, err = s.models.Model(s.call, "judge"); err != nil {
			return err
		}
	}
	if s.Metric.Name == api.MetricHost {
		if !s.models.HostScores() {
			return &api.CallbackError{Callback: "score", Reason: `not offered by the host, but metric is "host"; declare the capability score at initialize, or use metric "judge"`}
		}
		return nil
	}
	model, err := s.models.Model(s.call, "judge")
	s.judge = verdict.NewJudge(model, s.cfg.JudgeRole().Instructions)
	return err
}

// Model names who scores, for results.
func (s *Scorer) Model() string {
	if s.Metric.Name == api.MetricHost {
		return "host"
	}
	return s.cfg.JudgeRole().Model
}

// Score scores one question; rollout > 0 asks the judge again independently.
func (s *Scorer) Score(ctx context.Context, ex program.Values, query string, rollout int) (optimize.Score, error) {
	value, reason, err := s.ask(ctx, ex, query, rollout)
	if err != nil {
		return optimize.Score{}, err
	}
	score := optimize.Score{Value: value, Success: value >= s.Threshold, Reason: reason}
	against := quality.TextFaults(s.Metric.Gates, query, ex["chunk_text"], s.cfg.Quality.LeakOverlap)
	// Asked last, as it costs a call, and of a success alone, as it can only undo one.
	if len(against) == 0 && score.Success && s.AsksAnswerable() {
		why, err := gate.AskAnswerable(ctx, s.gatekeeper, ex["chunk_text"], query, program.RunOptions{Fresh: s.call.Fresh})
		if err != nil {
			return optimize.Score{}, err
		}
		if why != "" {
			against = []quality.Fault{{Check: gate.Answerable, Reason: why}}
		}
	}
	for _, fault := range against {
		score.Success = false
		score.Reason = strings.TrimSpace(score.Reason + " [gate " + fault.String() + "]")
	}
	return score, nil
}

func (s *Scorer) ask(ctx context.Context, ex program.Values, query string, rollout int) (float64, string, error) {
	chunk, persona, gold := ex["chunk_text"], ex["persona_description"], ex["query"]
	if s.Metric.Name == api.MetricJudge {
		j, err := s.judge.Score(ctx, chunk, persona, gold, query, rollout, s.call.Fresh)
		return float64(j.Score), j.Reason, err
	}
	score, reason, err := s.models.ScoreByHost(ctx, chunk, persona, gold, query)
	return float64(score), reason, err
}

// JudgeMessages is what the judge is asked; nil with a metric that asks no judge.
func (s *Scorer) JudgeMessages(chunk, persona, gold, query string) []program.Message {
	if s.judge == nil {
		return nil
	}
	return s.judge.Messages(chunk, persona, gold, query)
}
