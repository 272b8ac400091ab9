package rpc

import (
	"context"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
)

// Service is what the door opens onto; *engine.Engine is one. Safe for
// concurrent use.
type Service interface {
	Open(ctx context.Context) (*api.StoreInfo, error)
	StoreInfo(ctx context.Context) (*api.StoreInfo, error)
	Config() *config.Config
	Dispatcher() *dispatcher.Dispatcher // may be nil
	Close() error

	LMComplete(context.Context, api.LMCompleteParams) (*api.LMCompleteResult, error)
	Fetch(context.Context, api.FetchParams) (*api.FetchResult, error)
	ChoosePersona(context.Context, api.ChoosePersonaParams) (*api.PersonaResult, error)
	AnnotateSuggest(context.Context, api.AnnotateSuggestParams) (*api.AnnotateSuggestResult, error)
	GoldAdd(context.Context, api.GoldAddParams) (*api.GoldAddResult, error)
	GoldSample(context.Context, api.GoldSampleParams) (*api.GoldSampleResult, error)
	Prompts(context.Context, api.PromptsParams) (*api.PromptsResult, error)
	Compile(context.Context, api.CompileParams) (any, error)
	Evaluate(context.Context, api.EvaluateParams) (*api.EvaluateResult, error)
	Compare(context.Context, api.CompareParams) (*api.EvaluateResult, error)
	Generate(context.Context, api.GenerateParams) (*api.GenerateResult, error)
	SaveQuestion(context.Context, api.SaveQuestionParams) (*api.SaveQuestionResult, error)
	GenerateAll(context.Context, api.GenerateAllParams) (any, error)
	ExportBatch(context.Context, api.ExportBatchParams) (*api.ExportBatchResult, error)
	ImportBatch(context.Context, api.ImportBatchParams) (*api.ImportBatchResult, error)
	CheckQuestions(context.Context, api.CheckQuestionsParams) (*api.CheckQuestionsResult, error)
}

var _ Service = (*engine.Engine)(nil)

// newEngine is the Service of a real process.
func newEngine(cfg *config.Config, o engine.Options) (Service, error) {
	e, err := engine.New(cfg, o)
	if err != nil {
		return nil, err // not a typed nil
	}
	return e, nil
}
