package gate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/quality"
	"qgen-sidecar/engine/store"
	"qgen-sidecar/internal/clip"
)

// The gates of generate and generate-all, in the order they are asked: those
// that cost nothing first.
const (
	Standalone = quality.CheckStandalone
	Leak       = quality.CheckLeak
	Language   = quality.CheckLanguage
	RoundTrip  = "round-trip"
	Duplicate  = "duplicate"
	Answerable = "answerable"
)

// All is every gate. Not to be changed.
var All = slices.Concat(quality.TextChecks, []string{RoundTrip, Duplicate, Answerable})

// Check refuses unknown names and puts the rest into order.
func Check(param string, asked []string) ([]string, error) {
	for _, g := range asked {
		if !slices.Contains(All, g) {
			return nil, &api.ParamError{Param: param, Expected: "any of " + strings.Join(All, ", "), Found: clip.Runes(g, 200)}
		}
	}
	var ordered []string
	for _, g := range All {
		if slices.Contains(asked, g) {
			ordered = append(ordered, g)
		}
	}
	return ordered, nil
}

// Keeper asks the gates. Safe for concurrent use.
type Keeper struct {
	cfg   *config.Config
	lm    *lm.Models
	store *store.Store
}

// New is the keeper of one engine.
func New(cfg *config.Config, models *lm.Models, chunks *store.Store) *Keeper {
	return &Keeper{cfg: cfg, lm: models, store: chunks}
}

// Candidate is a question that wants to pass.
type Candidate struct {
	Question string
	Chunk    string
	ID       api.ChunkID
	Faults   []quality.Fault // what the texts alone tell against it
	Vector   []float32       // the question's, once a gate needed it
	Underway *Underway       // with others of the same job that are to be saved; nil: none
	entered  *entered        // there
}

// Candidate is a question with what its texts tell against it.
func (k *Keeper) Candidate(question, chunk string, id api.ChunkID) *Candidate {
	return &Candidate{Question: question, Chunk: chunk, ID: id,
		Faults: quality.TextFaults(quality.TextChecks, question, chunk, k.cfg.Quality.LeakOverlap)}
}

// Settle lets those that wait for the candidate know what became of it.
func (q *Candidate) Settle(saved bool) {
	if q.entered != nil {
		q.Underway.settle(q.entered, saved)
		q.entered = nil
	}
}

// vectorOf embeds the question, once for all gates and the save: a host's embed
// has no cache.
func (k *Keeper) vectorOf(ctx context.Context, c *lm.Call, q *Candidate) ([]float32, error) {
	if q.Vector == nil {
		vectors, err := k.lm.Embed(ctx, c, []string{q.Question}, lm.ForQuery)
		if err != nil {
			return nil, err
		}
		q.Vector = vectors[0]
	}
	return q.Vector, nil
}

// Pass gives the first reason against a candidate, as "gate: why", "" when it passes
// all of the gates. What each was asked, refused and paid for is counted in the tally.
func (k *Keeper) Pass(ctx context.Context, c *lm.Call, gates []string, q *Candidate, tally *Tally) (string, error) {
	for _, name := range gates {
		apart, paid := lm.Apart(ctx)
		reason, err := k.ask(apart, c, name, q)
		if err != nil {
			return "", err
		}
		tally.Count(name, reason != "", paid())
		if reason != "" {
			return quality.Fault{Check: name, Reason: reason}.String(), nil
		}
	}
	return "", nil
}

func (k *Keeper) ask(ctx context.Context, c *lm.Call, name string, q *Candidate) (string, error) {
	switch name {
	case RoundTrip:
		return k.roundTrip(ctx, c, q)
	case Duplicate:
		return k.duplicate(ctx, c, q)
	case Answerable:
		return k.answerable(ctx, c, q)
	}
	if !slices.Contains(quality.TextChecks, name) {
		return "", &api.ParamError{Param: "gates", Expected: "any of " + strings.Join(All, ", "), Found: clip.Runes(name, 200)}
	}
	for _, fault := range q.Faults {
		if fault.Check == name {
			return fault.Reason, nil
		}
	}
	return "", nil
}

// roundTrip: the question, embedded, must find its own chunk among the
// nearest quality.round_trip_k. (Promptagator, arXiv 2209.11755.)
func (k *Keeper) roundTrip(ctx context.Context, c *lm.Call, q *Candidate) (string, error) {
	id, ok := store.ParseID(q.ID)
	if !ok {
		return "", &api.ParamError{Param: "chunk_id", Expected: "the id of the chunk's point, for the gate round-trip", Found: cmp.Or(q.ID.String(), "none")}
	}
	if !k.lm.CanEmbed() {
		return "", lm.NeedEmbed("gates", "for the gate round-trip")
	}
	vector, err := k.vectorOf(ctx, c, q)
	if err != nil {
		return "", err
	}
	ranker, err := k.store.Ranker(ctx, len(vector))
	if err != nil {
		return "", err
	}
	rank, err := ranker.Rank(ctx, id, vector, k.cfg.Quality.RoundTripK)
	if err != nil || rank > 0 {
		return "", err
	}
	return fmt.Sprintf("searching with it does not find its chunk among the nearest %d", k.cfg.Quality.RoundTripK), nil
}

// duplicate: no saved question, nor one that this job is about to save, may be
// as near as quality.duplicate_cosine. The same question of the same chunk is a
// retry, not a duplicate.
func (k *Keeper) duplicate(ctx context.Context, c *lm.Call, q *Candidate) (string, error) {
	if !k.lm.CanEmbed() {
		return "", lm.NeedEmbed("gates", "for the gate duplicate")
	}
	vector, err := k.vectorOf(ctx, c, q)
	if err != nil {
		return "", err
	}
	if err := k.store.Ready(ctx); err != nil {
		return "", err
	}
	if q.Underway != nil {
		near, cosine, entered, err := q.Underway.enter(ctx, q.Question, vector, k.cfg.Quality.DuplicateCosine)
		q.entered = entered
		if err != nil || near != "" {
			return nearlySaved(cosine, near), err
		}
	}
	near, err := k.store.NearSaved(ctx, vector, 5)
	if err != nil {
		return "", err
	}
	for _, saved := range near {
		own := saved.Query == q.Question && saved.ChunkID.String() == q.ID.String()
		if saved.Score >= k.cfg.Quality.DuplicateCosine && !own {
			return nearlySaved(saved.Score, saved.Query), nil
		}
	}
	return "", nil
}

func nearlySaved(cosine float64, question string) string {
	return fmt.Sprintf("nearly the same question is saved already (cosine %.2f): %s", cosine, clip.Runes(question, 200))
}
