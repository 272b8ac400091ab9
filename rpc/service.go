package rpc

import (
	"context"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine"
	"qgen-sidecar/engine/config"
)

// Service is what the door opens onto; *engine.Engine is one. Safe for
// concurrent use.
type Service interface {
	Open(ctx context.Context) (*engine.StoreInfo, error)
	StoreInfo(ctx context.Context) (*engine.StoreInfo, error)
	Config() *config.Config
	Dispatcher() *dispatcher.Dispatcher // may be nil
	Close() error

	LMComplete(context.Context, engine.LMCompleteParams) (*engine.LMCompleteResult, error)
	Fetch(context.Context, engine.FetchParams) (*engine.FetchResult, error)
	ChoosePersona(context.Context, engine.ChoosePersonaParams) (*engine.PersonaResult, error)
	AnnotateSuggest(context.Context, engine.AnnotateSuggestParams) (*engine.AnnotateSuggestResult, error)
	GoldAdd(context.Context, engine.GoldAddParams) (*engine.GoldAddResult, error)
	GoldSample(context.Context, engine.GoldSampleParams) (*engine.GoldSampleResult, error)
	Prompts(context.Context, engine.PromptsParams) (*engine.PromptsResult, error)
	Compile(context.Context, engine.CompileParams) (any, error)
	Evaluate(context.Context, engine.EvaluateParams) (*engine.EvaluateResult, error)
	Compare(context.Context, engine.CompareParams) (*engine.EvaluateResult, error)
	Generate(context.Context, engine.GenerateParams) (*engine.GenerateResult, error)
	SaveQuestion(context.Context, engine.SaveQuestionParams) (*engine.SaveQuestionResult, error)
	GenerateAll(context.Context, engine.GenerateAllParams) (any, error)
	ExportBatch(context.Context, engine.ExportBatchParams) (*engine.ExportBatchResult, error)
	ImportBatch(context.Context, engine.ImportBatchParams) (*engine.ImportBatchResult, error)
	CheckQuestions(context.Context, engine.CheckQuestionsParams) (*engine.CheckQuestionsResult, error)
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
