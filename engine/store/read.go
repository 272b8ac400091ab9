package store

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/engine/api"
)

// Walk says which chunks are walked over, in id order: those of a collection that
// match the filter and belong to the slice, Limit of them at the most.
type Walk struct {
	Collection string
	Filter     Filter
	Slice      api.Slice
	Limit      int
}

// pageChunks is how many points are read at a time with their payloads, pageIDs
// without.
const pageChunks, pageIDs = 256, 10_000

// errEnough ends the reading at the limit.
var errEnough = errors.New("enough")

// EachChunk calls fn with one chunk after another; an error of fn ends it. No more
// than a page is held in memory.
func (st *Store) EachChunk(ctx context.Context, w Walk, fn func(Chunk) error) error {
	seen := 0
	err := st.scroll(ctx, w.Collection, w.Filter, pageChunks, true, func(page []*qdrant.RetrievedPoint) error {
		for _, p := range page {
			point := pointOf(p)
			if !point.ID.InSlice(w.Slice) {
				continue
			}
			if seen == w.Limit {
				return errEnough
			}
			seen++
			if err := fn(chunkOf(st.cfg.Store, point)); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// CountChunks is how many chunks a walk has: exact without a slice, else a guess.
func (st *Store) CountChunks(ctx context.Context, w Walk) (int, error) {
	n, err := st.count(ctx, w.Collection, w.Filter)
	return min(n/max(1, w.Slice.Total), w.Limit), err
}

// Chunks reads chunks by id; those that are gone are left out.
func (st *Store) Chunks(ctx context.Context, collection string, ids []ID) (map[ID]Chunk, error) {
	found, err := st.points(ctx, collection, ids)
	chunks := make(map[ID]Chunk, len(found))
	for id, p := range found {
		chunks[id] = chunkOf(st.cfg.Store, p)
	}
	return chunks, err
}

// Texts reads the texts of chunks; those that are gone or have none are left out. An
// id may come more than once.
func (st *Store) Texts(ctx context.Context, collection string, ids []ID) (map[ID]string, error) {
	texts := map[ID]string{}
	for _, id := range ids {
		texts[id] = ""
	}
	if len(texts) == 0 {
		return texts, nil
	}
	chunks, err := st.Chunks(ctx, collection, slices.Collect(maps.Keys(texts)))
	clear(texts)
	for id, chunk := range chunks {
		if chunk.HasText() {
			texts[id] = chunk.Text
		}
	}
	return texts, err
}

// IDs reads every id that matches, without payloads, and reports how many there are
// so far.
func (st *Store) IDs(ctx context.Context, collection string, filter Filter, seen func(n int)) ([]ID, error) {
	var ids []ID
	err := st.scroll(ctx, collection, filter, pageIDs, false, func(page []*qdrant.RetrievedPoint) error {
		for _, p := range page {
			ids = append(ids, idOf(p.GetId()))
		}
		seen(len(ids))
		return nil
	})
	return ids, err
}

// points reads points by id; those that are gone are left out.
func (st *Store) points(ctx context.Context, collection string, ids []ID) (map[ID]Point, error) {
	client, err := st.client(ctx)
	if err != nil {
		return nil, err
	}
	found, err := client.Get(ctx, &qdrant.GetPoints{CollectionName: collection, Ids: wireIDs(ids), WithPayload: qdrant.NewWithPayload(true)})
	if err != nil {
		return nil, st.fault(ctx, collection, err)
	}
	byID := make(map[ID]Point, len(found))
	for _, p := range found {
		byID[idOf(p.GetId())] = pointOf(p)
	}
	return byID, nil
}

func (st *Store) count(ctx context.Context, collection string, filter Filter) (int, error) {
	client, err := st.client(ctx)
	if err != nil {
		return 0, err
	}
	exact := true
	n, err := client.Count(ctx, &qdrant.CountPoints{CollectionName: collection, Filter: filter.wire, Exact: &exact})
	return int(n), st.fault(ctx, collection, err)
}

// scroll calls fn for each page of a collection, in id order, until it ends.
func (st *Store) scroll(ctx context.Context, collection string, filter Filter, page int, payload bool, fn func([]*qdrant.RetrievedPoint) error) error {
	client, err := st.client(ctx)
	if err != nil {
		return err
	}
	limit := uint32(page)
	request := &qdrant.ScrollPoints{CollectionName: collection, Filter: filter.wire, Limit: &limit,
		WithPayload: qdrant.NewWithPayload(payload), WithVectors: qdrant.NewWithVectors(false)}
	for {
		found, next, err := client.ScrollAndOffset(ctx, request)
		if err != nil {
			return st.fault(ctx, collection, err)
		}
		if err := fn(found); err != nil {
			return err
		}
		if next == nil {
			return nil
		}
		request.Offset = next
	}
}
