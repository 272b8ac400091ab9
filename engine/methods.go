package engine

import (
	"context"
	"encoding/json"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/gold"
)

// The methods that hosts call, one line each: every one is done in the room that its
// line names, where its promises stand.

// Fetch draws a uniform sample of a collection's chunks.
func (e *Engine) Fetch(ctx context.Context, p api.FetchParams) (*api.FetchResult, error) {
	return e.fetch.Fetch(ctx, p)
}

// ChoosePersona chooses who would ask about a chunk.
func (e *Engine) ChoosePersona(ctx context.Context, p api.ChoosePersonaParams) (*api.PersonaResult, error) {
	return e.persona.ChoosePersona(ctx, p)
}

// Personas lists who could ask about a chunk, the best fitting first; empty where the
// source knows only one.
func (e *Engine) Personas(ctx context.Context, p api.ChoosePersonaParams) ([]api.PersonaResult, error) {
	return e.persona.Fitting(ctx, p)
}

// AnnotateSuggest writes count different questions of a chunk, or is an error.
func (e *Engine) AnnotateSuggest(ctx context.Context, p api.AnnotateSuggestParams) (*api.AnnotateSuggestResult, error) {
	return e.suggest.Suggest(ctx, p, false)
}

// SuggestSome is AnnotateSuggest for a person at a screen: where not all of count
// can be had, some are better than an error.
func (e *Engine) SuggestSome(ctx context.Context, p api.AnnotateSuggestParams) (*api.AnnotateSuggestResult, error) {
	return e.suggest.Suggest(ctx, p, true)
}

// StoreNotice is why suggestions are not searched with, in a line for people; ""
// when they are.
func (e *Engine) StoreNotice(ctx context.Context) string { return e.suggest.Notice(ctx) }

// GoldAdd puts an entry into files.gold.
func (e *Engine) GoldAdd(ctx context.Context, p api.GoldAddParams) (*api.GoldAddResult, error) {
	return e.gold.AddOne(ctx, p)
}

// GoldImport is GoldAdd of many entries: all of them are in, or none.
func (e *Engine) GoldImport(ctx context.Context, entries []json.RawMessage) (*api.GoldAddResult, error) {
	return e.gold.Import(ctx, entries)
}

// GoldRemove takes an entry out of files.gold. One that is not there is no error.
func (e *Engine) GoldRemove(ctx context.Context, p api.GoldRemoveParams) (*api.GoldAddResult, error) {
	return e.gold.RemoveOne(ctx, p)
}

// GoldReword gives an entry another question; its other keys and its place stay.
// An entry that is not there any more is a *FileError.
func (e *Engine) GoldReword(ctx context.Context, p api.GoldRemoveParams, question string) error {
	if err := api.RequireText("gold_question", question); err != nil {
		return err
	}
	return e.gold.Reword(ctx, p.ChunkText, p.GoldQuestion, question)
}

// GoldSample gives random entries, whole; the seed fixes which and in what order.
func (e *Engine) GoldSample(_ context.Context, p api.GoldSampleParams) (*api.GoldSampleResult, error) {
	return e.gold.Sample(p)
}

// GoldEntries is the whole of files.gold, checked.
func (e *Engine) GoldEntries() ([]api.GoldEntry, error) { return e.gold.Listed() }

// CheckGold looks for what makes a bad example or a lopsided set.
func (e *Engine) CheckGold() (*api.GoldCheck, error) {
	return e.gold.Checked(e.cfg.Quality.LeakOverlap)
}

// WriteGoldExport replaces a file by a gold set in one of gold.Formats, if the file
// is empty or holds one in that format.
func (e *Engine) WriteGoldExport(path, format string, data []byte) error {
	return gold.Export(e.outputs, path, format, data)
}

// AddScore appends what a person gave to an output. It is on disk before this returns.
func (e *Engine) AddScore(ctx context.Context, s api.PersonScore) error { return e.scores.Add(ctx, s) }

// Scores are all that stand, in the order in which outputs were first scored.
func (e *Engine) Scores() ([]api.PersonScore, error) { return e.scores.All() }

// Compile searches a better program and saves it. It answers *CompileResult, or
// *DryRunResult with dry_run.
func (e *Engine) Compile(ctx context.Context, p api.CompileParams) (any, error) {
	return e.compile.Compile(ctx, p)
}

// Evaluate compares a program with a baseline on entries that were held out.
func (e *Engine) Evaluate(ctx context.Context, p api.EvaluateParams) (*api.EvaluateResult, error) {
	return e.evaluate.Evaluate(ctx, p)
}

// Compare is Evaluate of any two programs, or of two task models.
func (e *Engine) Compare(ctx context.Context, p api.CompareParams) (*api.EvaluateResult, error) {
	return e.evaluate.Compare(ctx, p)
}

// BlindOutputs are questions for a person to score, without saying who wrote them.
func (e *Engine) BlindOutputs(ctx context.Context, p api.BlindParams) ([]api.BlindOutput, error) {
	return e.evaluate.BlindOutputs(ctx, p)
}

// Generate asks one question of a chunk.
func (e *Engine) Generate(ctx context.Context, p api.GenerateParams) (*api.GenerateResult, error) {
	return e.generate.Generate(ctx, p)
}

// GenerateAll asks per_chunk questions of every chunk. It answers *GenerateAllResult,
// or *DryRunResult with dry_run.
func (e *Engine) GenerateAll(ctx context.Context, p api.GenerateAllParams) (any, error) {
	return e.generate.GenerateAll(ctx, p)
}

// ExportBatch writes what generate-all would ask into files for a batch API.
func (e *Engine) ExportBatch(ctx context.Context, p api.ExportBatchParams) (*api.ExportBatchResult, error) {
	return e.generate.ExportBatch(ctx, p)
}

// ImportBatch keeps the replies of a batch in the reply cache.
func (e *Engine) ImportBatch(ctx context.Context, p api.ImportBatchParams) (*api.ImportBatchResult, error) {
	return e.generate.ImportBatch(ctx, p)
}

// SaveQuestion saves a question that the caller has.
func (e *Engine) SaveQuestion(ctx context.Context, p api.SaveQuestionParams) (*api.SaveQuestionResult, error) {
	return e.generate.SaveQuestion(ctx, p)
}

// CheckQuestions measures a set of questions, given or saved.
func (e *Engine) CheckQuestions(ctx context.Context, p api.CheckQuestionsParams) (*api.CheckQuestionsResult, error) {
	return e.check.Check(ctx, p)
}

// Why tells how a saved question came to be.
func (e *Engine) Why(ctx context.Context, named string) (*api.WhyResult, error) {
	return e.why.Why(ctx, named)
}

// Prompts are the messages of each predictor, with {names} for the inputs.
func (e *Engine) Prompts(_ context.Context, p api.PromptsParams) (*api.PromptsResult, error) {
	return e.programs.Prompts(p.Program)
}

// LMComplete is one model call through the dispatcher, for the host's own use.
func (e *Engine) LMComplete(ctx context.Context, p api.LMCompleteParams) (*api.LMCompleteResult, error) {
	return e.lm.LMComplete(ctx, p)
}
