package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/quality"
	"qgen-sidecar/engine/store"
	"qgen-sidecar/internal/clip"
)

// The gates of generate and generate-all, in the order they are asked: those
// that cost nothing first.
const (
	gateStandalone = "standalone"
	gateLeak       = "leak"
	gateLanguage   = "language"
	gateRoundTrip  = "round-trip"
	gateDuplicate  = "duplicate"
	gateAnswerable = "answerable"
)

var (
	textGates = []string{gateStandalone, gateLeak, gateLanguage}
	allGates  = []string{gateStandalone, gateLeak, gateLanguage, gateRoundTrip, gateDuplicate, gateAnswerable}
)

// checkGates refuses unknown names and puts the rest into order.
func checkGates(param string, asked []string) ([]string, error) {
	for _, g := range asked {
		if !slices.Contains(allGates, g) {
			return nil, &api.ParamError{Param: param, Expected: "any of " + strings.Join(allGates, ", "), Found: clip.Runes(g, 200)}
		}
	}
	var ordered []string
	for _, g := range allGates {
		if slices.Contains(asked, g) {
			ordered = append(ordered, g)
		}
	}
	return ordered, nil
}

// candidate is a question that wants to pass.
type candidate struct {
	question string
	chunk    string
	id       api.ChunkID
	vector   []float32 // the question's, once somebody needed it
	underway *underway // with others of the same job that are to be saved; nil: none
	entered  *entered  // there
}

// settle lets those that wait for the candidate know what became of it.
func (q *candidate) settle(saved bool) {
	if q.entered != nil {
		q.underway.settle(q.entered, saved)
		q.entered = nil
	}
}

// vectorOf embeds the question, once for all gates and the save: a host's embed
// has no cache.
func (e *Engine) vectorOf(c *lm.Call, q *candidate) ([]float32, error) {
	if q.vector == nil {
		vectors, err := e.lm.Embed(c, []string{q.question}, lm.ForQuery)
		if err != nil {
			return nil, err
		}
		q.vector = vectors[0]
	}
	return q.vector, nil
}

// passGates gives the first reason against a candidate, "" when it passes all.
// What each gate was asked, refused and paid for is counted.
func (g *generation) passGates(q *candidate) (string, error) {
	for _, name := range g.gates {
		c, paid := g.call.Apart()
		reason, err := g.engine.gate(c, name, q)
		if err != nil {
			return "", err
		}
		g.tally.count(name, reason != "", paid())
		if reason != "" {
			return name + ": " + reason, nil
		}
	}
	return "", nil
}

// gateTally counts gates. Safe for concurrent use.
type gateTally struct {
	mu     sync.Mutex
	counts map[string]*api.GateCount
}

func (t *gateTally) count(gate string, refused bool, paid api.Usage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil {
		t.counts = map[string]*api.GateCount{}
	}
	n := t.counts[gate]
	if n == nil {
		n = &api.GateCount{Gate: gate, Usage: nothingPaid()}
		t.counts[gate] = n
	}
	n.Asked++
	if refused {
		n.Refused++
	}
	n.Usage = n.Usage.Plus(paid)
}

// nothingPaid is the usage of what cost nothing; its price is known to be 0.
func nothingPaid() api.Usage { return api.Usage{USD: new(float64)} }

// list is in the order in which the gates are asked; never nil.
func (t *gateTally) list() []api.GateCount {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := []api.GateCount{}
	for _, gate := range allGates {
		if n := t.counts[gate]; n != nil {
			out = append(out, *n)
		}
	}
	return out
}

func (e *Engine) gate(c *lm.Call, name string, q *candidate) (string, error) {
	switch name {
	case gateRoundTrip:
		return e.roundTripGate(c, q)
	case gateDuplicate:
		return e.duplicateGate(c, q)
	case gateAnswerable:
		return e.answerableGate(c, q)
	}
	return e.textGate(name, q.question, q.chunk), nil
}

// gateFault is a gate that speaks against a question, and why.
type gateFault struct{ gate, reason string }

func (f gateFault) String() string { return f.gate + ": " + f.reason }

// textFaults asks those of the gates that need nothing but the texts.
func (e *Engine) textFaults(gates []string, question, chunk string) (faults []gateFault) {
	for _, gate := range gates {
		if reason := e.textGate(gate, question, chunk); reason != "" {
			faults = append(faults, gateFault{gate, reason})
		}
	}
	return faults
}

// textGate is a gate that needs nothing but the texts.
func (e *Engine) textGate(name, question, chunk string) string {
	switch name {
	case gateStandalone:
		return strings.Join(quality.Standalone(question), "; ")
	case gateLeak:
		if share := quality.Leak(question, chunk); share >= e.cfg.Quality.LeakOverlap {
			return fmt.Sprintf("%.0f %% of its four-word sequences are copied from the chunk (at most %.0f %%)", 100*share, 100*e.cfg.Quality.LeakOverlap)
		}
	case gateLanguage:
		asked, read := quality.Language(question), quality.Language(chunk)
		if asked != read && asked != "und" && read != "und" {
			return fmt.Sprintf("written in %q, the chunk in %q", asked, read)
		}
	}
	return ""
}

// roundTripGate: the question, embedded, must find its own chunk among the
// nearest quality.round_trip_k. (Promptagator, arXiv 2209.11755.)
func (e *Engine) roundTripGate(c *lm.Call, q *candidate) (string, error) {
	id, ok := store.PointID(q.id)
	if !ok {
		return "", &api.ParamError{Param: "chunk_id", Expected: "the id of the chunk's point, for the gate round-trip", Found: orNone(q.id.String())}
	}
	if !e.lm.CanEmbed() {
		return "", lm.NeedEmbed("gates", "for the gate round-trip")
	}
	vector, err := e.vectorOf(c, q)
	if err != nil {
		return "", err
	}
	using, err := e.store.VectorFor(c.Ctx, e.store.Collection(""), len(vector))
	if err != nil {
		return "", err
	}
	rank, err := e.store.RoundTripRank(c.Ctx, id, using, vector, e.cfg.Quality.RoundTripK)
	if err != nil || rank > 0 {
		return "", err
	}
	return fmt.Sprintf("searching with it does not find its chunk among the nearest %d", e.cfg.Quality.RoundTripK), nil
}

// duplicateGate: no saved question, nor one that this job is about to save, may be
// as near as quality.duplicate_cosine. The same question of the same chunk is a
// retry, not a duplicate.
func (e *Engine) duplicateGate(c *lm.Call, q *candidate) (string, error) {
	if !e.lm.CanEmbed() {
		return "", lm.NeedEmbed("gates", "for the gate duplicate")
	}
	vector, err := e.vectorOf(c, q)
	if err != nil {
		return "", err
	}
	if _, err := e.store.Client(c.Ctx); err != nil {
		return "", err
	}
	if q.underway != nil {
		near, cosine, entered, err := q.underway.enter(c.Ctx, q.question, vector, e.cfg.Quality.DuplicateCosine)
		q.entered = entered
		if err != nil || near != "" {
			return nearlySaved(cosine, near), err
		}
	}
	saved := e.cfg.Store.Questions
	hits, err := e.store.Search(c.Ctx, saved.Collection, saved.Vector, vector, 5, store.NotStale())
	if store.NoCollection(err) { // nothing was saved yet
		return "", nil
	}
	if err != nil {
		return "", err
	}
	for _, hit := range hits {
		text, _ := store.Field(hit.GetPayload(), saved.QueryField).(string)
		own := text == q.question && api.NewChunkID(store.Field(hit.GetPayload(), saved.ChunkIDField)).String() == q.id.String()
		if float64(hit.GetScore()) >= e.cfg.Quality.DuplicateCosine && !own {
			return nearlySaved(float64(hit.GetScore()), text), nil
		}
	}
	return "", nil
}

func nearlySaved(cosine float64, question string) string {
	return fmt.Sprintf("nearly the same question is saved already (cosine %.2f): %s", cosine, clip.Runes(question, 200))
}

const answerInstructions = `Decide whether the chunk alone answers the question, fully and without guessing.
If it does, answer yes and copy the words of the chunk that hold the answer, exactly as they stand there, as the quote. If it does not, answer no and leave the quote empty.`

func (e *Engine) answerableGate(c *lm.Call, q *candidate) (string, error) {
	model, err := e.lm.Model(c, "judge")
	if err != nil {
		return "", err
	}
	return answerable(c.Ctx, model, q.chunk, q.question, program.RunOptions{})
}

// answerable asks whether the chunk answers the question, and holds the model to
// a quote that really stands in the chunk. It gives the reason against, "" when
// there is none.
func answerable(ctx context.Context, model program.Model, chunk, question string, o program.RunOptions) (string, error) {
	in := program.Values{"chunk_text": chunk, "question": question}
	out, _, err := program.Predict(ctx, model, answerPredictor(), in, o)
	if err != nil {
		return "", err
	}
	quote := plainWords(out["quote"])
	switch {
	case out["answerable"] != "yes":
		return "the chunk does not answer it", nil
	case quote == "" || !strings.Contains(plainWords(chunk), quote):
		return "the answer that was quoted does not stand in the chunk", nil
	}
	return "", nil
}

// answerPredictor is made once: its head is rendered once.
var answerPredictor = sync.OnceValue(func() *program.Predictor {
	answerable, quote := program.NewField("answerable"), program.NewField("quote")
	answerable.Kind, answerable.Choices = program.OneOf, []string{"yes", "no"}
	quote.Optional = true
	return &program.Predictor{Name: "judge", Signature: program.Signature{
		Name: "AnswerableFromChunk", Instructions: answerInstructions,
		Inputs:  []program.Field{program.NewField("chunk_text"), program.NewField("question")},
		Outputs: []program.Field{answerable, quote},
	}}
})

// plainWords forgives case, blanks and quotation marks around a quote.
func plainWords(s string) string {
	return strings.Trim(strings.ToLower(strings.Join(strings.Fields(s), " ")), "\"'“”‘’«».… ")
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
