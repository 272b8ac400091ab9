package engine

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
	keyTextHash    = "text_hash"
	keyStale       = "stale"        // true; else absent
	keyStaleReason = "stale_reason" // chunkGone or chunkChanged
	keyProvenance  = "provenance"
)

const (
	chunkGone    = "its chunk is gone"
	chunkChanged = "its chunk has another text now"
)

// notStale is the filter for questions that are not.
func notStale() *qdrant.Filter {
	return &qdrant.Filter{MustNot: []*qdrant.Condition{qdrant.NewMatchBool(keyStale, true)}}
}

// markStale looks at every saved question that was asked of a chunk of the
// collection, in the slice, and marks those that are stale, and takes the mark of
// those that are not. It gives how many are, and how many ids were mended on the
// way (mendChunkID).
func (e *Engine) markStale(ctx context.Context, collection string, slice api.Slice, seen func(n int)) (stale, mended int, err error) {
	saved := e.cfg.Store.Questions
	asked := &qdrant.Filter{Should: []*qdrant.Condition{qdrant.NewMatchKeyword(keyProvenance+".collection", collection), qdrant.NewIsEmpty(keyProvenance)}}
	n := 0
	err = e.scroll(ctx, saved.Collection, asked, 256, true, func(page []*qdrant.RetrievedPoint) error {
		n += len(page)
		page = slices.DeleteFunc(page, func(p *qdrant.RetrievedPoint) bool {
			id, ok := questionsChunk(p, saved.ChunkIDField)
			return ok && !inSlice(slice, id)
		})
		var ids []*qdrant.PointId
		for _, p := range page {
			if id, ok := questionsChunk(p, saved.ChunkIDField); ok {
				ids = append(ids, id)
			}
		}
		texts, err := e.textsOf(ctx, collection, ids)
		if err != nil {
			return err
		}
		changes := map[string][]*qdrant.PointId{} // by the reason that is to stand there
		for _, p := range page {
			if negative(field(p.GetPayload(), saved.ChunkIDField)) {
				if err := e.mendChunkID(ctx, p); err != nil {
					return err
				}
				mended++
			}
			if field(p.GetPayload(), keyProvenance) == nil {
				continue // saved by hand: of whichever collection
			}
			reason := chunkGone
			if id, ok := questionsChunk(p, saved.ChunkIDField); ok {
				reason = staleness(p, texts[idKey(id)])
			}
			if reason != "" {
				stale++
			}
			if had, _ := field(p.GetPayload(), keyStaleReason).(string); had != reason {
				changes[reason] = append(changes[reason], p.GetId())
			}
		}
		seen(n)
		for reason, ids := range changes {
			if err := e.setStale(ctx, reason, ids); err != nil {
				return err
			}
		}
		return nil
	})
	if noCollection(err) { // nothing was saved yet
		return 0, 0, nil
	}
	return stale, mended, err
}

// negative: an id of 2^63 or more as earlier versions saved it, see NewChunkID.
func negative(id any) bool {
	n, ok := id.(int64)
	return ok && n < 0
}

// mendChunkID gives a saved question its chunk's id in the place of the negative
// number. The question's own id was made of the right one and stays.
func (e *Engine) mendChunkID(ctx context.Context, question *qdrant.RetrievedPoint) error {
	client, err := e.client(ctx)
	if err != nil {
		return err
	}
	saved, wait := e.cfg.Store.Questions, true
	id := api.NewChunkID(field(question.GetPayload(), saved.ChunkIDField))
	_, err = client.SetPayload(ctx, &qdrant.SetPayloadPoints{CollectionName: saved.Collection, Wait: &wait,
		PointsSelector: qdrant.NewPointsSelector(question.GetId()),
		Payload:        map[string]*qdrant.Value{saved.ChunkIDField: chunkIDValue(id)}})
	return e.storeFault(ctx, saved.Collection, err)
}

// staleness of a question whose chunk has this text now; "" none.
func staleness(question *qdrant.RetrievedPoint, text string) string {
	was, _ := field(question.GetPayload(), keyTextHash).(string)
	switch {
	case text == "":
		return chunkGone
	case files.Hash(text) != was:
		return chunkChanged
	}
	return ""
}

// questionsChunk is the chunk that a saved question names.
func questionsChunk(question *qdrant.RetrievedPoint, idField string) (*qdrant.PointId, bool) {
	return pointID(api.NewChunkID(field(question.GetPayload(), idField)))
}

func (e *Engine) setStale(ctx context.Context, reason string, ids []*qdrant.PointId) error {
	client, err := e.client(ctx)
	if err != nil {
		return err
	}
	wait := true
	collection, which := e.cfg.Store.Questions.Collection, qdrant.NewPointsSelectorIDs(ids)
	if reason == "" {
		_, err = client.DeletePayload(ctx, &qdrant.DeletePayloadPoints{CollectionName: collection, Wait: &wait, PointsSelector: which, Keys: []string{keyStale, keyStaleReason}})
	} else {
		_, err = client.SetPayload(ctx, &qdrant.SetPayloadPoints{CollectionName: collection, Wait: &wait, PointsSelector: which,
			Payload: qdrant.NewValueMap(map[string]any{keyStale: true, keyStaleReason: reason})})
	}
	return e.storeFault(ctx, collection, err)
}
