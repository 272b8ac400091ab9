package store

import (
	"context"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/qdrantlock"
)

// Payload keys of a saved question.
const (
	keyTextHash    = "text_hash"
	keyStale       = "stale"        // true; else absent
	keyStaleReason = "stale_reason" // chunkGone or chunkChanged
	keyProvenance  = "provenance"
)

// What makes a saved question stale.
const (
	chunkGone    = "its chunk is gone"
	chunkChanged = "its chunk has another text now"
)

// markedStale means the saved questions with the mark of a stale one, notStale all
// others.
func markedStale() Filter {
	return Filter{&qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewMatchBool(keyStale, true)}}}
}

func notStale() Filter {
	return Filter{&qdrant.Filter{MustNot: []*qdrant.Condition{qdrant.NewMatchBool(keyStale, true)}}}
}

// SavedQuestion is a question as it stands in the collection of saved ones.
type SavedQuestion struct {
	Point
	Query   string
	ChunkID api.ChunkID // as the question names its chunk; zero when it names none
}

func savedOf(s config.Questions, p Point) SavedQuestion {
	return SavedQuestion{Point: p, Query: p.String(s.QueryField), ChunkID: api.NewChunkID(p.Field(s.ChunkIDField))}
}

// chunk is the id of the question's chunk; false when it names none.
func (q SavedQuestion) chunk() (ID, bool) { return ParseID(q.ChunkID) }

// Provenance is how the question was made; nil when it was saved by hand.
func (q SavedQuestion) Provenance() map[string]any {
	made, _ := q.Field(keyProvenance).(map[string]any)
	return made
}

// staleness of the question if its chunk has this text now; "" none.
func (q SavedQuestion) staleness(text string) string {
	switch {
	case text == "":
		return chunkGone
	case files.Hash(text) != q.String(keyTextHash):
		return chunkChanged
	}
	return ""
}

// ChunkNow reads the question's chunk as it is now, and says why the question is
// stale, "" when it is not. The chunk has no payload when it is gone.
func (st *Store) ChunkNow(ctx context.Context, q SavedQuestion) (chunk Chunk, stale string, err error) {
	id, ok := q.chunk()
	if !ok {
		return Chunk{}, "it names no chunk", nil
	}
	collection := st.Collection(q.String(keyProvenance + ".collection"))
	chunks, err := st.Chunks(ctx, collection, []ID{id})
	if err != nil && !NoCollection(err) {
		return Chunk{}, "", err
	}
	chunk, there := chunks[id]
	if !there {
		return Chunk{}, chunkGone, nil
	}
	if q.String(keyTextHash) != "" {
		stale = q.staleness(chunk.Text)
	}
	return chunk, stale, nil
}

// Saved reads one saved question. One that is not there is a *qdrantlock.StoreError.
func (st *Store) Saved(ctx context.Context, id ID) (SavedQuestion, error) {
	if err := st.Ready(ctx); err != nil {
		return SavedQuestion{}, err
	}
	s := st.cfg.Store
	found, err := st.points(ctx, s.Questions.Collection, []ID{id})
	if err != nil {
		return SavedQuestion{}, err
	}
	p, there := found[id]
	if !there {
		return SavedQuestion{}, &qdrantlock.StoreError{Path: s.Path, URL: s.URL, Collection: s.Questions.Collection, Reason: "there is no point " + id.String()}
	}
	return savedOf(s.Questions, p), nil
}

// EachSaved calls fn with the saved questions that are not stale, in id order; ""
// is the collection of the config.
func (st *Store) EachSaved(ctx context.Context, collection string, fn func(SavedQuestion) error) error {
	if err := st.Ready(ctx); err != nil {
		return err
	}
	return st.scroll(ctx, st.savedIn(collection), notStale(), pageChunks, true, func(page []*qdrant.RetrievedPoint) error {
		for _, p := range page {
			if err := fn(savedOf(st.cfg.Store.Questions, pointOf(p))); err != nil {
				return err
			}
		}
		return nil
	})
}

// CountStale is how many saved questions are marked stale.
func (st *Store) CountStale(ctx context.Context, collection string) (int, error) {
	if err := st.Ready(ctx); err != nil {
		return 0, err
	}
	return st.count(ctx, st.savedIn(collection), markedStale())
}

// NearSaved finds the saved questions nearest to a vector, none of them stale; none
// when nothing was saved yet.
func (st *Store) NearSaved(ctx context.Context, vector []float32, limit int) ([]SavedHit, error) {
	if err := st.Ready(ctx); err != nil {
		return nil, err
	}
	s := st.cfg.Store.Questions
	hits, err := st.search(ctx, s.Collection, s.Vector, vector, limit, notStale())
	if NoCollection(err) {
		return nil, nil
	}
	out := make([]SavedHit, len(hits))
	for i, hit := range hits {
		out[i] = SavedHit{savedOf(s, hit.Point), hit.Score}
	}
	return out, err
}

// SavedHit is a saved question that a search found.
type SavedHit struct {
	SavedQuestion
	Score float64
}

func (st *Store) savedIn(collection string) string {
	if collection == "" {
		return st.cfg.Store.Questions.Collection
	}
	return collection
}
