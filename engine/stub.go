package engine

import (
	"context"

	"github.com/hashicorp/go-hclog"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/config"
)

// Engine does the work of every method. Safe for concurrent use.
type Engine struct{}

// Options of New.
type Options struct {
	Logger hclog.Logger
	Host   Host
}

// New builds the dispatcher and loads nothing else. Open opens the store.
func New(cfg *config.Config, o Options) (*Engine, error) { return nil, errUnbuilt }

var errUnbuilt = &NotBuilt{What: "engine"}

// Open opens the store (nil StoreInfo without one). With store.lock = "lazy"
// it opens nothing and the first call that needs the store does.
func (e *Engine) Open(ctx context.Context) (*StoreInfo, error) { return nil, errUnbuilt }

// StoreInfo is the store's state for status; nil without one or before it is open.
func (e *Engine) StoreInfo(ctx context.Context) (*StoreInfo, error) { return nil, nil }

// Dispatcher gives status and the door.
func (e *Engine) Dispatcher() *dispatcher.Dispatcher { return nil }

// Config is the effective config, paths absolute.
func (e *Engine) Config() *config.Config { return nil }

// Close ends what is in flight, closes the store and the dispatcher.
func (e *Engine) Close() error { return nil }

func (e *Engine) LMComplete(ctx context.Context, p LMCompleteParams) (*LMCompleteResult, error) {
	return nil, errUnbuilt
}
func (e *Engine) Fetch(ctx context.Context, p FetchParams) (*FetchResult, error) {
	return nil, errUnbuilt
}
func (e *Engine) ChoosePersona(ctx context.Context, p ChoosePersonaParams) (*PersonaResult, error) {
	return nil, errUnbuilt
}
func (e *Engine) AnnotateSuggest(ctx context.Context, p AnnotateSuggestParams) (*AnnotateSuggestResult, error) {
	return nil, errUnbuilt
}
func (e *Engine) GoldAdd(ctx context.Context, p GoldAddParams) (*GoldAddResult, error) {
	return nil, errUnbuilt
}
func (e *Engine) GoldSample(ctx context.Context, p GoldSampleParams) (*GoldSampleResult, error) {
	return nil, errUnbuilt
}
func (e *Engine) Prompts(ctx context.Context, p PromptsParams) (*PromptsResult, error) {
	return nil, errUnbuilt
}

// Compile answers *CompileResult, or *DryRunResult with dry_run.
func (e *Engine) Compile(ctx context.Context, p CompileParams) (any, error) { return nil, errUnbuilt }
func (e *Engine) Evaluate(ctx context.Context, p EvaluateParams) (*EvaluateResult, error) {
	return nil, errUnbuilt
}
func (e *Engine) Compare(ctx context.Context, p CompareParams) (*EvaluateResult, error) {
	return nil, errUnbuilt
}
func (e *Engine) Generate(ctx context.Context, p GenerateParams) (*GenerateResult, error) {
	return nil, errUnbuilt
}
func (e *Engine) SaveQuestion(ctx context.Context, p SaveQuestionParams) (*SaveQuestionResult, error) {
	return nil, errUnbuilt
}

// GenerateAll answers *GenerateAllResult, or *DryRunResult with dry_run.
func (e *Engine) GenerateAll(ctx context.Context, p GenerateAllParams) (any, error) {
	return nil, errUnbuilt
}
func (e *Engine) CheckQuestions(ctx context.Context, p CheckQuestionsParams) (*CheckQuestionsResult, error) {
	return nil, errUnbuilt
}

// Why answers the command of that name.
func (e *Engine) Why(ctx context.Context, pointID string) (*WhyResult, error) { return nil, errUnbuilt }
