package api

import (
	"qgen-sidecar/dispatcher"
)

type PromptsParams struct {
	Program ProgramRef `json:"program,omitzero" doc:"the program; absent: files.program if it exists"`
}

type PromptsResult struct {
	ProgramUsed
	Predictors []PredictorPrompt `json:"predictors" doc:"each step of the program"`
}

type PredictorPrompt struct {
	Name     string               `json:"name" enum:"PredictorName" doc:"analyzer or generator"`
	Messages []dispatcher.Message `json:"messages" doc:"what the step sends, with the inputs' names in braces"`
}
