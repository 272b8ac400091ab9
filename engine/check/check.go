package check

import (
	"context"
	"fmt"
	"slices"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/outputs"
	"qgen-sidecar/engine/quality"
	"qgen-sidecar/engine/report"
	"qgen-sidecar/engine/store"
	"qgen-sidecar/engine/typemix"
)

// Checker measures sets of questions. Its fields are the rooms that it stands on. Safe
// for concurrent use.
type Checker struct {
	Config  *config.Config
	Version string // of the sidecar, for reports
	Models  *lm.Models
	Store   *store.Store
	Outputs *outputs.Guard
}

// Check measures a set of questions: those given, else those saved in
// `collection` (store.questions.collection unless named).
func (ch *Checker) Check(ctx context.Context, p api.CheckQuestionsParams) (*api.CheckQuestionsResult, error) {
	ctx, call, err := ch.Models.Begin(ctx, "check-questions", p.Call, dispatcher.Batch, nil)
	if err != nil {
		return nil, err
	}
	defer call.End()
	if err := ch.Outputs.Reportable(p.Report, report.Questions); err != nil {
		return nil, err
	}
	j := &Job{Checker: ch, call: call, result: &api.CheckQuestionsResult{Languages: map[string]int{}, Flagged: []api.Flag{}, DarkChunks: []any{}, Warnings: []string{}}}
	if j.questions, j.types, err = ch.questionsToCheck(ctx, p); err != nil {
		return nil, call.Fault(ctx, err)
	}
	j.source = "saved questions"
	if p.Questions != nil {
		j.source = "given questions"
	} else if err := j.warnOfStale(ctx, p.Collection); err != nil {
		return nil, call.Fault(ctx, err)
	}
	result, err := j.run(ctx, p.Report)
	return result, call.Fault(ctx, err)
}

// warnOfStale says how many saved questions are left out.
func (j *Job) warnOfStale(ctx context.Context, collection string) error {
	n, err := j.Store.CountStale(ctx, collection)
	if err == nil && n > 0 {
		j.result.Warnings = append(j.result.Warnings, fmt.Sprintf("%d saved questions are left out: they are marked stale, as their chunks are gone or have another text", n))
	}
	return err
}

// Job is one check-questions under way.
type Job struct {
	*Checker
	call      *lm.Call
	questions []api.QuestionToCheck
	types     typemix.Count // of saved questions
	source    string        // of the questions, for the report
	vectors   [][]float32   // of the questions that were embedded, else nil
	ranks     map[int]int   // of the questions that were searched with; 0 not found
	reasons   map[int][]string
	result    *api.CheckQuestionsResult
}

func (j *Job) run(ctx context.Context, path string) (*api.CheckQuestionsResult, error) {
	r := j.result
	r.N = len(j.questions)
	j.reasons, j.ranks, j.vectors = map[int][]string{}, map[int]int{}, make([][]float32, r.N)
	j.texts()
	if err := j.roundTrip(ctx); err != nil {
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

func (j *Job) flag(i int, gate, reason string) {
	j.reasons[i] = append(j.reasons[i], gate+": "+reason)
}

func (j *Job) queries() []string {
	queries := make([]string, len(j.questions))
	for i, q := range j.questions {
		queries[i] = q.Query
	}
	return queries
}

// texts checks what needs nothing but the texts.
func (j *Job) texts() {
	r := j.result
	counts := map[string]*int{quality.CheckStandalone: &r.NotStandalone, quality.CheckLeak: &r.Leaks, quality.CheckLanguage: &r.OtherLanguage}
	for i, q := range j.questions {
		r.Languages[quality.Language(q.Query)]++
		for _, fault := range quality.TextFaults(quality.TextChecks, q.Query, q.ChunkText, j.Config.Quality.LeakOverlap) {
			if n := counts[fault.Check]; n != nil { // not every check has a figure of its own
				*n++
			}
			j.flag(i, fault.Check, fault.Reason)
		}
	}
}

// questionsToCheck are those given, else those saved, with their chunks' texts and
// counted by type where they say it.
func (ch *Checker) questionsToCheck(ctx context.Context, p api.CheckQuestionsParams) ([]api.QuestionToCheck, typemix.Count, error) {
	for i, q := range p.Questions {
		if err := api.RequireText(fmt.Sprintf("questions[%d].query", i), q.Query); err != nil {
			return nil, nil, err
		}
	}
	if p.Questions != nil {
		return p.Questions, nil, nil
	}
	var out []api.QuestionToCheck
	types := typemix.Count{}
	err := ch.Store.EachSaved(ctx, p.Collection, func(q store.SavedQuestion) error {
		if kind := q.String("query_type"); kind != "" {
			types.Add(kind)
		}
		out = append(out, api.QuestionToCheck{Query: q.Query, ChunkID: q.ChunkID})
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return out, types, ch.addChunks(ctx, out)
}

// addChunks reads the texts of the questions' chunks, a page at a time.
func (ch *Checker) addChunks(ctx context.Context, questions []api.QuestionToCheck) error {
	for page := range slices.Chunk(questions, 256) {
		var ids []store.ID
		for _, q := range page {
			if id, ok := store.ParseID(q.ChunkID); ok {
				ids = append(ids, id)
			}
		}
		texts, err := ch.Store.Texts(ctx, ch.Config.Store.Collection, ids)
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
