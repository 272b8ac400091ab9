package store

import (
	"context"
	"slices"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
)

// A saved question is stale when its chunk is gone, or has another text than when
// it was asked: it may ask what no chunk answers any more. It stays where it is,
// marked; what reads questions can leave it out, as the gate duplicate and
// check-questions do. When the chunk comes back, so does the question.

// Payload keys of a saved question.
const (
	KeyTextHash    = "text_hash"
	KeyStale       = "stale"        // true; else absent
	keyStaleReason = "stale_reason" // chunkGone or chunkChanged
	KeyProvenance  = "provenance"
)

const (
	ChunkGone    = "its chunk is gone"
	chunkChanged = "its chunk has another text now"
)

// NotStale is the filter for questions that are not.
func NotStale() *qdrant.Filter {
	return &qdrant.Filter{MustNot: []*qdrant.Condition{qdrant.NewMatchBool(KeyStale, true)}}
}

// negative: an id of 2^63 or more as earlier versions saved it, see NewChunkID.
func negative(id any) bool {
	n, ok := id.(int64)
	return ok && n < 0
}

// Staleness of a question whose chunk has this text now; "" none.
func Staleness(question *qdrant.RetrievedPoint, text string) string {
	was, _ := Field(question.GetPayload(), KeyTextHash).(string)
	switch {
	case text == "":
		return ChunkGone
	case files.Hash(text) != was:
		return chunkChanged
	}
	return ""
}

// QuestionsChunk is the chunk that a saved question names.
func QuestionsChunk(question *qdrant.RetrievedPoint, idField string) (*qdrant.PointId, bool) {
	return PointID(api.NewChunkID(Field(question.GetPayload(), idField)))
}

// MarkStale looks at every saved question that was asked of a chunk of the
// collection, in the slice, and marks those that are stale, and takes the mark of
// those that are not. It gives how many are, and how many ids were mended on the
// way (mendChunkID).
func (st *Store) MarkStale(ctx context.Context, collection string, slice api.Slice, seen func(n int)) (stale, mended int, err error) {
	saved := st.cfg.Store.Questions
	asked := &qdrant.Filter{Should: []*qdrant.Condition{qdrant.NewMatchKeyword(KeyProvenance+".collection", collection), qdrant.NewIsEmpty(KeyProvenance)}}
	n := 0
	err = st.Scroll(ctx, saved.Collection, asked, 256, true, func(page []*qdrant.RetrievedPoint) error {
		n += len(page)
		page = slices.DeleteFunc(page, func(p *qdrant.RetrievedPoint) bool {
			id, ok := QuestionsChunk(p, saved.ChunkIDField)
			return ok && !InSlice(slice, id)
		})
		var ids []*qdrant.PointId
		for _, p := range page {
			if id, ok := QuestionsChunk(p, saved.ChunkIDField); ok {
				ids = append(ids, id)
			}
		}
		texts, err := st.TextsOf(ctx, collection, ids)
		if err != nil {
			return err
		}
		changes := map[string][]*qdrant.PointId{} // by the reason that is to stand there
		for _, p := range page {
			if negative(Field(p.GetPayload(), saved.ChunkIDField)) {
				if err := st.mendChunkID(ctx, p); err != nil {
					return err
				}
				mended++
			}
			if Field(p.GetPayload(), KeyProvenance) == nil {
				continue // saved by hand: of whichever collection
			}
			reason := ChunkGone
			if id, ok := QuestionsChunk(p, saved.ChunkIDField); ok {
				reason = Staleness(p, texts[IDKey(id)])
			}
			if reason != "" {
				stale++
			}
			if had, _ := Field(p.GetPayload(), keyStaleReason).(string); had != reason {
				changes[reason] = append(changes[reason], p.GetId())
			}
		}
		seen(n)
		for reason, ids := range changes {
			if err := st.setStale(ctx, reason, ids); err != nil {
				return err
			}
		}
		return nil
	})
	if NoCollection(err) { // nothing was saved yet
		return 0, 0, nil
	}
	return stale, mended, err
}

// mendChunkID gives a saved question its chunk's id in the place of the negative
// number. The question's own id was made of the right one and stays.
func (st *Store) mendChunkID(ctx context.Context, question *qdrant.RetrievedPoint) error {
	client, err := st.Client(ctx)
	if err != nil {
		return err
	}
	saved, wait := st.cfg.Store.Questions, true
	id := api.NewChunkID(Field(question.GetPayload(), saved.ChunkIDField))
	_, err = client.SetPayload(ctx, &qdrant.SetPayloadPoints{CollectionName: saved.Collection, Wait: &wait,
		PointsSelector: qdrant.NewPointsSelector(question.GetId()),
		Payload:        map[string]*qdrant.Value{saved.ChunkIDField: chunkIDValue(id)}})
	return st.StoreFault(ctx, saved.Collection, err)
}

func (st *Store) setStale(ctx context.Context, reason string, ids []*qdrant.PointId) error {
	client, err := st.Client(ctx)
	if err != nil {
		return err
	}
	wait := true
	collection, which := st.cfg.Store.Questions.Collection, qdrant.NewPointsSelectorIDs(ids)
	if reason == "" {
		_, err = client.DeletePayload(ctx, &qdrant.DeletePayloadPoints{CollectionName: collection, Wait: &wait, PointsSelector: which, Keys: []string{KeyStale, keyStaleReason}})
	} else {
		_, err = client.SetPayload(ctx, &qdrant.SetPayloadPoints{CollectionName: collection, Wait: &wait, PointsSelector: which,
			Payload: qdrant.NewValueMap(map[string]any{KeyStale: true, keyStaleReason: reason})})
	}
	return st.StoreFault(ctx, collection, err)
}
