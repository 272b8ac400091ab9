package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/quality"
	"qgen-sidecar/qdrantlock"
)

// roundTripDepth is how far a question's own chunk is looked for.
const roundTripDepth = 10

// CheckQuestions measures a set of questions: those given, else those saved in
// `collection` (store.questions.collection unless named).
func (e *Engine) CheckQuestions(ctx context.Context, p CheckQuestionsParams) (*CheckQuestionsResult, error) {
	c, err := e.begin(ctx, "check-questions", p.Call, dispatcher.Batch, nil)
	if err != nil {
		return nil, err
	}
	defer c.cancel()
	if p.Report != "" {
		return nil, &NotBuilt{What: "the report of check-questions", Instead: "leave `report` out: the result holds all there is"}
	}
	j := &checking{engine: e, call: c, result: &CheckQuestionsResult{Languages: map[string]int{}, Flagged: []Flag{}, Warnings: []string{}}}
	if j.questions, err = e.questionsToCheck(c.ctx, p); err != nil {
		return nil, c.fault(err)
	}
	result, err := j.run()
	return result, c.fault(err)
}

// checking is one check-questions under way.
type checking struct {
	engine    *Engine
	call      *call
	questions []QuestionToCheck
	reasons   map[int][]string
	result    *CheckQuestionsResult
}

func (j *checking) run() (*CheckQuestionsResult, error) {
	r := j.result
	r.N = len(j.questions)
	j.reasons = map[int][]string{}
	j.texts()
	if err := j.roundTrip(); err != nil {
		return nil, err
	}
	for i := range j.questions {
		if reasons := j.reasons[i]; len(reasons) > 0 {
			r.Flagged = append(r.Flagged, Flag{Index: i, Reasons: reasons})
		}
	}
	r.Usage = j.call.usage()
	j.call.progress("checked", r.N, r.N, "")
	return r, nil
}

// texts checks what needs nothing but the texts.
func (j *checking) texts() {
	r := j.result
	texts := make([]string, len(j.questions))
	for i, q := range j.questions {
		texts[i] = q.Query
		r.Languages[quality.Language(q.Query)]++
		for gate, count := range map[string]*int{gateStandalone: &r.NotStandalone, gateLeak: &r.Leaks, gateLanguage: new(int)} {
			if reason := j.engine.textGate(gate, q.Query, q.ChunkText); reason != "" {
				*count++
				j.reasons[i] = append(j.reasons[i], gate+": "+reason)
			}
		}
		slices.Sort(j.reasons[i])
	}
	for _, d := range quality.Duplicates(texts) {
		r.Duplicates++
		j.reasons[d.Index] = append(j.reasons[d.Index], fmt.Sprintf("%s: nearly question %d", gateDuplicate, d.Of))
	}
	r.Diversity = quality.Diversity(texts)
}

// roundTrip searches the chunks with every question that names its chunk. Where
// that cannot be done the figure is null and a warning says why.
func (j *checking) roundTrip() error {
	var with []int
	for i, q := range j.questions {
		if _, ok := q.ChunkID.point(); ok {
			with = append(with, i)
		}
	}
	switch {
	case len(with) == 0:
		return j.noRoundTrip("no question names its chunk's point (chunk_id)")
	case j.engine.cfg.Store == nil:
		return j.noRoundTrip("no [store] is configured")
	case !j.engine.canEmbed():
		return j.noRoundTrip("neither the host's embed nor [lm.embed] is there to embed with")
	}
	if left := len(j.questions) - len(with); left > 0 {
		j.result.Warnings = append(j.result.Warnings, fmt.Sprintf("%d questions without a chunk_id are not in round_trip", left))
	}
	// Before anything is paid for: is the store to be had?
	var locked *qdrantlock.LockedError
	if _, err := j.engine.client(j.call.ctx); errors.As(err, &locked) {
		return j.noRoundTrip(locked.Error())
	} else if err != nil {
		return err
	}
	vectors, err := j.embed(with)
	if err != nil {
		return err
	}
	ranks, err := j.ranks(with, vectors)
	if err != nil {
		return err
	}
	for k, i := range with {
		if ranks[k] == 0 {
			j.reasons[i] = append(j.reasons[i], fmt.Sprintf("%s: does not find its chunk among the nearest %d", gateRoundTrip, roundTripDepth))
		}
	}
	j.result.RoundTrip = roundTripOf(ranks)
	return nil
}

// embedTogether is how many questions go into one embedding call.
const embedTogether = 64

func (j *checking) embed(with []int) ([][]float32, error) {
	vectors := make([][]float32, 0, len(with))
	for part := range slices.Chunk(with, embedTogether) {
		texts := make([]string, len(part))
		for k, i := range part {
			texts[k] = j.questions[i].Query
		}
		got, err := j.engine.embed(j.call, texts, forQuery)
		if err != nil {
			return nil, err
		}
		vectors = append(vectors, got...)
		j.call.progress("embed", len(vectors), len(with)+1, "")
	}
	return vectors, nil
}

// ranks searches with each question's vector for its chunk.
func (j *checking) ranks(with []int, vectors [][]float32) ([]int, error) {
	using, err := j.engine.vectorFor(j.call.ctx, j.engine.collection(""), len(vectors[0]))
	if err != nil {
		return nil, err
	}
	ranks := make([]int, len(with))
	var done atomic.Int64
	tasks := make([]func() error, len(with))
	for k, i := range with {
		tasks[k] = func() (err error) {
			chunk, _ := j.questions[i].ChunkID.point()
			ranks[k], err = j.engine.roundTripRank(j.call.ctx, chunk, using, vectors[k], roundTripDepth)
			j.call.progress("round-trip", int(done.Add(1)), len(with)+1, "")
			return err
		}
	}
	return ranks, inParallel(j.call.ctx, examplesAtOnce, tasks)
}

func (j *checking) noRoundTrip(why string) error {
	j.result.Warnings = append(j.result.Warnings, "round_trip was not measured: "+why)
	return nil
}

// roundTripOf gives the share of questions whose chunk is among the first k, and
// the mean reciprocal rank, all 0…1; a rank of 0 was not found.
func roundTripOf(ranks []int) *RoundTrip {
	rt := &RoundTrip{}
	for _, rank := range ranks {
		if rank == 0 {
			continue
		}
		rt.MRR += 1 / float64(rank)
		for k, at := range map[int]*float64{1: &rt.At1, 5: &rt.At5, 10: &rt.At10} {
			if rank <= k {
				*at++
			}
		}
	}
	n := float64(len(ranks))
	rt.At1, rt.At5, rt.At10, rt.MRR = rt.At1/n, rt.At5/n, rt.At10/n, rt.MRR/n
	return rt
}

// questionsToCheck are those given, else those saved, with their chunks' texts.
func (e *Engine) questionsToCheck(ctx context.Context, p CheckQuestionsParams) ([]QuestionToCheck, error) {
	for i, q := range p.Questions {
		if err := requireText(fmt.Sprintf("questions[%d].query", i), q.Query); err != nil {
			return nil, err
		}
	}
	if p.Questions != nil {
		return p.Questions, nil
	}
	if _, err := e.client(ctx); err != nil {
		return nil, err
	}
	shape := e.cfg.Store.Questions
	collection := p.Collection
	if collection == "" {
		collection = shape.Collection
	}
	var out []QuestionToCheck
	err := e.scroll(ctx, collection, nil, 256, true, func(page []*qdrant.RetrievedPoint) error {
		for _, point := range page {
			text, _ := field(point.GetPayload(), shape.QueryField).(string)
			out = append(out, QuestionToCheck{Query: text, ChunkID: NewChunkID(field(point.GetPayload(), shape.ChunkIDField))})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, e.addChunks(ctx, out)
}

// addChunks reads the texts of the questions' chunks, a page at a time.
func (e *Engine) addChunks(ctx context.Context, questions []QuestionToCheck) error {
	for page := range slices.Chunk(questions, 256) {
		var ids []*qdrant.PointId
		for _, q := range page {
			if id, ok := q.ChunkID.point(); ok {
				ids = append(ids, id)
			}
		}
		if len(ids) == 0 {
			continue
		}
		chunks, err := e.getPoints(ctx, e.cfg.Store.Collection, ids)
		if err != nil {
			return err
		}
		for i, q := range page {
			if id, ok := q.ChunkID.point(); ok {
				page[i].ChunkText, _ = e.chunkText(chunks[idKey(id)].GetPayload())
			}
		}
	}
	return nil
}
