package api

import (
	"qgen-sidecar/dispatcher"
)

type PromptsParams struct {
	Program ProgramRef `json:"program,omitzero"`
}

type PromptsResult struct {
	ProgramUsed
	Predictors []PredictorPrompt `json:"predictors"`
}

type PredictorPrompt struct {
	Name     string               `json:"name"`
	Messages []dispatcher.Message `json:"messages"`
}
