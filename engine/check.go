package engine

import (
	"context"
	"fmt"
	"slices"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/gate"
	"qgen-sidecar/engine/gold"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/quality"
	"qgen-sidecar/engine/report"
	"qgen-sidecar/engine/store"
)

// CheckQuestions measures a set of questions: those given, else those saved in
// `collection` (store.questions.collection unless named).
func (e *Engine) CheckQuestions(ctx context.Context, p api.CheckQuestionsParams) (*api.CheckQuestionsResult, error) {
	c, err := e.lm.Begin(ctx, "check-questions", p.Call, dispatcher.Batch, nil)
	if err != nil {
		return nil, err
	}
	defer c.Cancel()
	if err := e.reportable(p.Report, report.Questions); err != nil {
		return nil, err
	}
	j := &checking{engine: e, call: c, result: &api.CheckQuestionsResult{Languages: map[string]int{}, Flagged: []api.Flag{}, DarkChunks: []any{}, Warnings: []string{}}}
	if j.questions, j.types, err = e.questionsToCheck(c.Ctx, p); err != nil {
		return nil, c.Fault(err)
	}
	j.source = "saved questions"
	if p.Questions != nil {
		j.source = "given questions"
	} else if err := j.warnOfStale(p.Collection); err != nil {
		return nil, c.Fault(err)
	}
	result, err := j.run(p.Report)
	return result, c.Fault(err)
}

// warnOfStale says how many saved questions are left out.
func (j *checking) warnOfStale(collection string) error {
	n, err := j.engine.store.CountStale(j.call.Ctx, collection)
	if err == nil && n > 0 {
		j.result.Warnings = append(j.result.Warnings, fmt.Sprintf("%d saved questions are left out: they are marked stale, as their chunks are gone or have another text", n))
	}
	return err
}

// reportable finds out before anything is paid for whether a report can be
// written there, with the two files beside it; "" is none.
func (e *Engine) reportable(path string, kind report.Kind) error {
	if path == "" {
		return nil
	}
	if reason := report.BadName(path); reason != "" {
		return &api.FileError{Path: files.Abs(path), Reason: reason}
	}
	if err := e.mayReport(files.Abs(path), kind); err != nil {
		return err
	}
	return writable(files.Abs(path))
}

// mayReport is mayWrite of each of a report's files.
func (e *Engine) mayReport(path string, kind report.Kind) error {
	for _, f := range reportFiles(path, kind) {
		if err := e.mayWrite(f.path, f.fileKind); err != nil {
			return err
		}
	}
	return nil
}

// checking is one check-questions under way.
type checking struct {
	engine    *Engine
	call      *lm.Call
	questions []api.QuestionToCheck
	types     typeCount   // of saved questions
	source    string      // of the questions, for the report
	vectors   [][]float32 // of the questions that were embedded, else nil
	ranks     map[int]int // of the questions that were searched with; 0 not found
	reasons   map[int][]string
	result    *api.CheckQuestionsResult
}

func (j *checking) run(path string) (*api.CheckQuestionsResult, error) {
	r := j.result
	r.N = len(j.questions)
	j.reasons, j.ranks, j.vectors = map[int][]string{}, map[int]int{}, make([][]float32, r.N)
	j.texts()
	if err := j.roundTrip(); err != nil {
		return nil, err
	}
	j.duplicates()
	if err := j.diversity(); err != nil {
		return nil, err
	}
	for i := range j.questions {
		if reasons := j.reasons[i]; len(reasons) > 0 {
			r.Flagged = append(r.Flagged, api.Flag{Index: i, Reasons: reasons})
		}
	}
	r.Usage = j.call.Usage()
	j.call.Progress("checked", r.N, r.N, "")
	return r, j.report(path)
}

func (j *checking) flag(i int, gate, reason string) {
	j.reasons[i] = append(j.reasons[i], gate+": "+reason)
}

func (j *checking) queries() []string {
	queries := make([]string, len(j.questions))
	for i, q := range j.questions {
		queries[i] = q.Query
	}
	return queries
}

// texts checks what needs nothing but the texts.
func (j *checking) texts() {
	r := j.result
	counts := map[string]*int{gate.Standalone: &r.NotStandalone, gate.Leak: &r.Leaks, gate.Language: &r.OtherLanguage}
	for i, q := range j.questions {
		r.Languages[quality.Language(q.Query)]++
		for _, fault := range j.engine.gate.TextFaults(gate.Text, q.Query, q.ChunkText) {
			*counts[fault.Gate]++
			j.flag(i, fault.Gate, fault.Reason)
		}
	}
}

// comparedVectors bounds the pairs of vectors that are compared.
const comparedVectors = 5000

// duplicates are near in wording or, where vectors are there, in meaning.
func (j *checking) duplicates() {
	near := map[int]bool{}
	for _, d := range quality.Duplicates(j.queries()) {
		near[d.Index] = true
		j.flag(d.Index, gate.Duplicate, fmt.Sprintf("nearly question %d", d.Of))
	}
	if n := len(j.ranks); n > comparedVectors {
		j.result.Warnings = append(j.result.Warnings, fmt.Sprintf("duplicates are counted by wording alone: %d questions are more than the %d that are compared by meaning", n, comparedVectors))
	} else {
		for _, d := range quality.NearVectors(j.vectors, j.engine.cfg.Quality.DuplicateCosine) {
			if !near[d.Index] {
				near[d.Index] = true
				j.flag(d.Index, gate.Duplicate, fmt.Sprintf("means nearly what question %d means (cosine %.2f)", d.Of, d.Similarity))
			}
		}
	}
	j.result.Duplicates = len(near)
}

// diversity describes the set, and beside it the gold set: both figures there
// are of equally many questions, as all but the lengths depend on that.
func (j *checking) diversity() error {
	texts := j.queries()
	d := quality.Diversity(texts)
	if vendi, of := quality.Vendi(j.vectors); of > 0 {
		d["vendi"], d["vendi_share"] = vendi, vendi/float64(of)
	}
	if len(j.types) > 0 {
		shares, divergence := j.types.shares(j.engine.cfg.Quality.TypeMix)
		d["types"] = shares
		if divergence != nil {
			d["type_divergence"] = *divergence
		}
	}
	j.result.Diversity = d
	gold, err := j.goldQuestions()
	if err != nil || len(gold) == 0 || len(texts) == 0 {
		return err
	}
	n := min(len(gold), len(texts))
	ours, theirs := quality.Diversity(evenly(texts, n)), quality.Diversity(evenly(gold, n))
	d["beside_gold"] = map[string]any{"n": n, "questions": ours, "gold": theirs}
	for _, name := range []string{"distinct_1", "distinct_2", "ngd"} {
		own, gold := ours[name].(float64), theirs[name].(float64)
		if gold > 0 && own < gold*(1-diversityLoss) {
			j.result.Warnings = append(j.result.Warnings, fmt.Sprintf("less diverse than the gold set: %s is %.2f, of as many gold questions %.2f", name, own, gold))
		}
	}
	return nil
}

// diversityLoss is how much less diverse than the gold set is worth a warning.
const diversityLoss = 0.05

func (j *checking) goldQuestions() ([]string, error) {
	path := j.engine.cfg.Files.Gold
	if !files.Exists(path) {
		return nil, nil
	}
	gold, err := gold.Read(path)
	texts := make([]string, len(gold))
	for i, g := range gold {
		texts[i] = g.GoldQuestion
	}
	return texts, err
}

// evenly are n of the texts, at equal distances.
func evenly(texts []string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = texts[i*len(texts)/n]
	}
	return out
}

// questionsToCheck are those given, else those saved, with their chunks' texts and
// counted by type where they say it.
func (e *Engine) questionsToCheck(ctx context.Context, p api.CheckQuestionsParams) ([]api.QuestionToCheck, typeCount, error) {
	for i, q := range p.Questions {
		if err := api.RequireText(fmt.Sprintf("questions[%d].query", i), q.Query); err != nil {
			return nil, nil, err
		}
	}
	if p.Questions != nil {
		return p.Questions, nil, nil
	}
	var out []api.QuestionToCheck
	types := typeCount{}
	err := e.store.EachSaved(ctx, p.Collection, func(q store.SavedQuestion) error {
		if kind := q.String("query_type"); kind != "" {
			types.count(kind)
		}
		out = append(out, api.QuestionToCheck{Query: q.Query, ChunkID: q.ChunkID})
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return out, types, e.addChunks(ctx, out)
}

// addChunks reads the texts of the questions' chunks, a page at a time.
func (e *Engine) addChunks(ctx context.Context, questions []api.QuestionToCheck) error {
	for page := range slices.Chunk(questions, 256) {
		var ids []store.ID
		for _, q := range page {
			if id, ok := store.ParseID(q.ChunkID); ok {
				ids = append(ids, id)
			}
		}
		texts, err := e.store.Texts(ctx, e.cfg.Store.Collection, ids)
		if err != nil {
			return err
		}
		for i, q := range page {
			if id, ok := store.ParseID(q.ChunkID); ok {
				page[i].ChunkText = texts[id]
			}
		}
	}
	return nil
}
