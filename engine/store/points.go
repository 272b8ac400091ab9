package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strconv"

	"github.com/google/uuid"
	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/qdrantlock/points"
)

// InSlice reports whether an id belongs to the slice: the first eight bytes of the
// SHA-256 of the id as text, big-endian, modulo total. Slices are disjoint and
// together are everything; slice 0 of 4 lies within slice 0 of 2.
func InSlice(s api.Slice, id *qdrant.PointId) bool {
	if s.Total == 1 {
		return true
	}
	sum := sha256.Sum256([]byte(fmt.Sprint(IDValue(id))))
	return binary.BigEndian.Uint64(sum[:8])%uint64(s.Total) == uint64(s.Index)
}

// chunkIDValue is the id in a saved question. A server has no room for whole numbers
// of 2^63 and more and keeps the text.
func chunkIDValue(c api.ChunkID) *qdrant.Value {
	if n, ok := c.Value().(uint64); ok {
		return points.WholeValue(n, qdrant.NewValueString(strconv.FormatUint(n, 10)))
	}
	return qdrant.NewValueString(c.String())
}

// PointID is the id as the store's client takes it; false when it cannot be the
// id of a point. A number in quotes is a number: command lines have only text.
func PointID(c api.ChunkID) (*qdrant.PointId, bool) {
	switch v := c.Value().(type) {
	case uint64:
		return qdrant.NewIDNum(v), true
	case string:
		if n, err := strconv.ParseUint(v, 10, 64); err == nil {
			return qdrant.NewIDNum(n), true
		}
		if u, err := uuid.Parse(v); err == nil {
			return qdrant.NewIDUUID(u.String()), true
		}
	}
	return nil, false
}

// IDValue is a point's id as results show it: uint64 or string.
func IDValue(id *qdrant.PointId) any {
	if u := id.GetUuid(); u != "" {
		return u
	}
	return id.GetNum()
}

// IDKey is an id as a map key; the u keeps a number and a text apart.
func IDKey(id *qdrant.PointId) string {
	if u := id.GetUuid(); u != "" {
		return "u" + u
	}
	return fmt.Sprint(id.GetNum())
}

// SortIDs puts ids into the client's own order: numbers ascending, then UUIDs.
func SortIDs(ids []*qdrant.PointId) {
	sort.Slice(ids, func(i, j int) bool {
		a, b := ids[i], ids[j]
		if (a.GetUuid() == "") != (b.GetUuid() == "") {
			return a.GetUuid() == ""
		}
		if a.GetUuid() != "" {
			return a.GetUuid() < b.GetUuid()
		}
		return a.GetNum() < b.GetNum()
	})
}

// GetPoints reads points by id; those that are gone are left out.
func (st *Store) GetPoints(ctx context.Context, collection string, ids []*qdrant.PointId) (map[string]*qdrant.RetrievedPoint, error) {
	client, err := st.Client(ctx)
	if err != nil {
		return nil, err
	}
	points, err := client.Get(ctx, &qdrant.GetPoints{CollectionName: collection, Ids: ids, WithPayload: qdrant.NewWithPayload(true)})
	if err != nil {
		return nil, st.StoreFault(ctx, collection, err)
	}
	byID := make(map[string]*qdrant.RetrievedPoint, len(points))
	for _, p := range points {
		byID[IDKey(p.GetId())] = p
	}
	return byID, nil
}

// TextsOf reads the texts of chunks, by idKey; those that are gone or have none are
// left out. An id may come more than once.
func (st *Store) TextsOf(ctx context.Context, collection string, ids []*qdrant.PointId) (map[string]string, error) {
	different := map[string]*qdrant.PointId{}
	for _, id := range ids {
		different[IDKey(id)] = id
	}
	texts := map[string]string{}
	if len(different) == 0 {
		return texts, nil
	}
	chunks, err := st.GetPoints(ctx, collection, slices.Collect(maps.Values(different)))
	for key, chunk := range chunks {
		if text, ok := st.ChunkText(chunk.GetPayload()); ok {
			texts[key] = text
		}
	}
	return texts, err
}

// Scroll calls fn for each page of a collection, in id order, until it ends.
func (st *Store) Scroll(ctx context.Context, collection string, filter *qdrant.Filter, page int, payload bool, fn func([]*qdrant.RetrievedPoint) error) error {
	client, err := st.Client(ctx)
	if err != nil {
		return err
	}
	limit := uint32(page)
	request := &qdrant.ScrollPoints{CollectionName: collection, Filter: filter, Limit: &limit,
		WithPayload: qdrant.NewWithPayload(payload), WithVectors: qdrant.NewWithVectors(false)}
	for {
		points, next, err := client.ScrollAndOffset(ctx, request)
		if err != nil {
			return st.StoreFault(ctx, collection, err)
		}
		if err := fn(points); err != nil {
			return err
		}
		if next == nil {
			return nil
		}
		request.Offset = next
	}
}

// AllIDs reads every id that matches, without payloads.
func (st *Store) AllIDs(ctx context.Context, collection string, filter *qdrant.Filter, seen func(n int)) ([]*qdrant.PointId, error) {
	var ids []*qdrant.PointId
	err := st.Scroll(ctx, collection, filter, 10_000, false, func(page []*qdrant.RetrievedPoint) error {
		for _, p := range page {
			ids = append(ids, p.GetId())
		}
		seen(len(ids))
		return nil
	})
	return ids, err
}
