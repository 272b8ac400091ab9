package gate

import (
	"cmp"
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
	Standalone = "standalone"
	Leak       = "leak"
	Language   = "language"
	RoundTrip  = "round-trip"
	Duplicate  = "duplicate"
	Answerable = "answerable"
)

// Text are those that need nothing but the texts; All is every gate. Neither is
// changed.
var (
	Text = []string{Standalone, Leak, Language}
	All  = []string{Standalone, Leak, Language, RoundTrip, Duplicate, Answerable}
)

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
	Vector   []float32 // the question's, once a gate needed it
	Underway *Underway // with others of the same job that are to be saved; nil: none
	entered  *entered  // there
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
func (k *Keeper) vectorOf(c *lm.Call, q *Candidate) ([]float32, error) {
	if q.Vector == nil {
		vectors, err := k.lm.Embed(c, []string{q.Question}, lm.ForQuery)
		if err != nil {
			return nil, err
		}
		q.Vector = vectors[0]
	}
	return q.Vector, nil
}

// Pass gives the first reason against a candidate, as "gate: why", "" when it passes
// all of the gates. What each was asked, refused and paid for is counted in the tally.
func (k *Keeper) Pass(c *lm.Call, gates []string, q *Candidate, tally *Tally) (string, error) {
	for _, name := range gates {
		apart, paid := c.Apart()
		reason, err := k.ask(apart, name, q)
		if err != nil {
			return "", err
		}
		tally.Count(name, reason != "", paid())
		if reason != "" {
			return Fault{name, reason}.String(), nil
		}
	}
	return "", nil
}

func (k *Keeper) ask(c *lm.Call, name string, q *Candidate) (string, error) {
	switch name {
	case RoundTrip:
		return k.roundTrip(c, q)
	case Duplicate:
		return k.duplicate(c, q)
	case Answerable:
		return k.answerable(c, q)
	}
	return k.text(name, q.Question, q.Chunk), nil
}

// Fault is a gate that speaks against a question, and why.
type Fault struct{ Gate, Reason string }

func (f Fault) String() string { return f.Gate + ": " + f.Reason }

// TextFaults asks those of the gates that need nothing but the texts.
func (k *Keeper) TextFaults(gates []string, question, chunk string) (faults []Fault) {
	for _, gate := range gates {
		if reason := k.text(gate, question, chunk); reason != "" {
			faults = append(faults, Fault{gate, reason})
		}
	}
	return faults
}

// text is a gate that needs nothing but the texts.
func (k *Keeper) text(name, question, chunk string) string {
	switch name {
	case Standalone:
		return strings.Join(quality.Standalone(question), "; ")
	case Leak:
		if share := quality.Leak(question, chunk); share >= k.cfg.Quality.LeakOverlap {
			return fmt.Sprintf("%.0f %% of its four-word sequences are copied from the chunk (at most %.0f %%)", 100*share, 100*k.cfg.Quality.LeakOverlap)
		}
	case Language:
		asked, read := quality.Language(question), quality.Language(chunk)
		if asked != read && asked != "und" && read != "und" {
			return fmt.Sprintf("written in %q, the chunk in %q", asked, read)
		}
	}
	return ""
}

// roundTrip: the question, embedded, must find its own chunk among the
// nearest quality.round_trip_k. (Promptagator, arXiv 2209.11755.)
func (k *Keeper) roundTrip(c *lm.Call, q *Candidate) (string, error) {
	id, ok := store.ParseID(q.ID)
	if !ok {
		return "", &api.ParamError{Param: "chunk_id", Expected: "the id of the chunk's point, for the gate round-trip", Found: cmp.Or(q.ID.String(), "none")}
	}
	if !k.lm.CanEmbed() {
		return "", lm.NeedEmbed("gates", "for the gate round-trip")
	}
	vector, err := k.vectorOf(c, q)
	if err != nil {
		return "", err
	}
	using, err := k.store.VectorFor(c.Ctx, k.store.Collection(""), len(vector))
	if err != nil {
		return "", err
	}
	rank, err := k.store.RoundTripRank(c.Ctx, id, using, vector, k.cfg.Quality.RoundTripK)
	if err != nil || rank > 0 {
		return "", err
	}
	return fmt.Sprintf("searching with it does not find its chunk among the nearest %d", k.cfg.Quality.RoundTripK), nil
}

// duplicate: no saved question, nor one that this job is about to save, may be
// as near as quality.duplicate_cosine. The same question of the same chunk is a
// retry, not a duplicate.
func (k *Keeper) duplicate(c *lm.Call, q *Candidate) (string, error) {
	if !k.lm.CanEmbed() {
		return "", lm.NeedEmbed("gates", "for the gate duplicate")
	}
	vector, err := k.vectorOf(c, q)
	if err != nil {
		return "", err
	}
	if err := k.store.Ready(c.Ctx); err != nil {
		return "", err
	}
	if q.Underway != nil {
		near, cosine, entered, err := q.Underway.enter(c.Ctx, q.Question, vector, k.cfg.Quality.DuplicateCosine)
		q.entered = entered
		if err != nil || near != "" {
			return nearlySaved(cosine, near), err
		}
	}
	near, err := k.store.NearSaved(c.Ctx, vector, 5)
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
