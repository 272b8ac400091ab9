package engine

import (
	"context"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/programs"
)

// Prompts are the messages of each predictor, with {names} for the inputs.
func (e *Engine) Prompts(_ context.Context, p api.PromptsParams) (*api.PromptsResult, error) {
	l, err := e.programs.Load(p.Program)
	if err != nil {
		return nil, err
	}
	result := &api.PromptsResult{ProgramUsed: l.Used(), Predictors: []api.PredictorPrompt{}}
	for _, predictor := range l.Program.Predictors {
		result.Predictors = append(result.Predictors, api.PredictorPrompt{Name: predictor.Name, Messages: lm.Messages(programs.Template(predictor, e.cfg.TaskRole()))})
	}
	return result, nil
}
