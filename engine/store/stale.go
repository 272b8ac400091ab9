package store

import (
	"context"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/engine/api"
)

// A saved question is stale when its chunk is gone, or has another text than when
// it was asked: it may ask what no chunk answers any more. It stays where it is,
// marked; what reads questions can leave it out, as the gate duplicate and
// check-questions do. When the chunk comes back, so does the question.

// negative: an id of 2^63 or more as earlier versions saved it, see NewChunkID.
func negative(id any) bool {
	n, ok := id.(int64)
	return ok && n < 0
}

// MarkStale looks at every saved question that was asked of a chunk of the
// collection, in the slice, and marks those that are stale, and takes the mark of
// those that are not. It gives how many are, and how many ids were mended on the
// way (mendChunkID). seen is told how many were looked at.
func (st *Store) MarkStale(ctx context.Context, collection string, slice api.Slice, seen func(n int)) (stale, mended int, err error) {
	if err := st.Ready(ctx); err != nil {
		return 0, 0, err
	}
	asked := Filter{&qdrant.Filter{Should: []*qdrant.Condition{qdrant.NewMatchKeyword(keyProvenance+".collection", collection), qdrant.NewIsEmpty(keyProvenance)}}}
	n := 0
	err = st.scroll(ctx, st.savedIn(""), asked, pageChunks, true, func(page []*qdrant.RetrievedPoint) error {
		n += len(page)
		var questions []SavedQuestion
		for _, p := range page {
			q := savedOf(st.cfg.Store.Questions, pointOf(p))
			if id, ok := q.chunk(); !ok || id.InSlice(slice) {
				questions = append(questions, q)
			}
		}
		more, ids, err := st.markPage(ctx, collection, questions)
		stale, mended = stale+more, mended+ids
		seen(n)
		return err
	})
	if NoCollection(err) { // nothing was saved yet
		return 0, 0, nil
	}
	return stale, mended, err
}

// markPage is MarkStale of a few questions.
func (st *Store) markPage(ctx context.Context, collection string, questions []SavedQuestion) (stale, mended int, err error) {
	var chunks []ID
	for _, q := range questions {
		if id, ok := q.chunk(); ok {
			chunks = append(chunks, id)
		}
	}
	texts, err := st.Texts(ctx, collection, chunks)
	if err != nil {
		return 0, 0, err
	}
	changes := map[string][]ID{} // by the reason that is to stand there
	for _, q := range questions {
		if negative(q.Field(st.cfg.Store.Questions.ChunkIDField)) {
			if err := st.mendChunkID(ctx, q); err != nil {
				return stale, mended, err
			}
			mended++
		}
		if q.Field(keyProvenance) == nil {
			continue // saved by hand: of whichever collection
		}
		reason := chunkGone
		if id, ok := q.chunk(); ok {
			reason = q.staleness(texts[id])
		}
		if reason != "" {
			stale++
		}
		if q.String(keyStaleReason) != reason {
			changes[reason] = append(changes[reason], q.ID)
		}
	}
	for reason, ids := range changes {
		if err := st.setStale(ctx, reason, ids); err != nil {
			return stale, mended, err
		}
	}
	return stale, mended, nil
}

// mendChunkID gives a saved question its chunk's id in the place of the negative
// number. The question's own id was made of the right one and stays.
func (st *Store) mendChunkID(ctx context.Context, question SavedQuestion) error {
	client, err := st.client(ctx)
	if err != nil {
		return err
	}
	saved, wait := st.cfg.Store.Questions, true
	_, err = client.SetPayload(ctx, &qdrant.SetPayloadPoints{CollectionName: saved.Collection, Wait: &wait,
		PointsSelector: qdrant.NewPointsSelector(question.ID.wire()),
		Payload:        map[string]*qdrant.Value{saved.ChunkIDField: chunkIDValue(question.ChunkID)}})
	return st.fault(ctx, saved.Collection, err)
}

func (st *Store) setStale(ctx context.Context, reason string, ids []ID) error {
	client, err := st.client(ctx)
	if err != nil {
		return err
	}
	wait := true
	collection, which := st.cfg.Store.Questions.Collection, qdrant.NewPointsSelectorIDs(wireIDs(ids))
	if reason == "" {
		_, err = client.DeletePayload(ctx, &qdrant.DeletePayloadPoints{CollectionName: collection, Wait: &wait, PointsSelector: which, Keys: []string{keyStale, keyStaleReason}})
	} else {
		_, err = client.SetPayload(ctx, &qdrant.SetPayloadPoints{CollectionName: collection, Wait: &wait, PointsSelector: which,
			Payload: qdrant.NewValueMap(map[string]any{keyStale: true, keyStaleReason: reason})})
	}
	return st.fault(ctx, collection, err)
}
