package serve

import (
	"context"
	"math"
	"time"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/qdrantlock/folder"
	"qgen-sidecar/qdrantlock/points"
)

const (
	everything       = math.MaxInt32 // a limit that no collection reaches
	defaultGroupSize = 3
)

// group is the best hits that share a value of the group_by key.
type group struct {
	id   any // int64 or string
	hits []scored
}

// QueryGroups answers the best hits per value of a payload key.
func (s *pointsServer) QueryGroups(ctx context.Context, r *qdrant.QueryPointGroups) (*qdrant.QueryGroupsResponse, error) {
	start := time.Now()
	st, err := plan(&qdrant.QueryPoints{
		Prefetch: r.GetPrefetch(), Query: r.GetQuery(), Using: r.Using, Filter: r.GetFilter(),
		ScoreThreshold: r.ScoreThreshold, LookupFrom: r.GetLookupFrom(),
	})
	if err != nil {
		return nil, err
	}
	st.unlimited()
	limit, size := defaultLimit, defaultGroupSize
	if r.Limit != nil {
		limit = int(r.GetLimit())
	}
	if r.GroupSize != nil {
		size = int(r.GetGroupSize())
	}
	if limit < 1 || size < 1 {
		return nil, invalid("limit and group_size: value 0 invalid, must be 1 or larger")
	}
	want, err := fetchOf(r.GetWithPayload(), r.GetWithVectors(), false)
	if err != nil {
		return nil, err
	}
	groups, err := s.groups(ctx, r.GetCollectionName(), st, r.GetGroupBy(), limit, size, want)
	if err == nil && r.GetWithLookup() != nil {
		err = s.lookUpGroups(ctx, r.GetWithLookup(), groups)
	}
	return &qdrant.QueryGroupsResponse{Result: &qdrant.GroupsResult{Groups: groups}, Time: took(start)}, err
}

// unlimited lets every stage give all it finds: limits count groups here.
func (st *stage) unlimited() {
	st.limit = everything
	for _, inner := range st.prefetch {
		inner.unlimited()
	}
}

func (s *pointsServer) groups(ctx context.Context, collection string, st *stage, key string, limit, size int, want points.Fetch) (out []*qdrant.PointGroup, err error) {
	path, err := points.ParsePath(key)
	if err != nil {
		return nil, err
	}
	c, err := s.collections.get(collection)
	if err != nil {
		return nil, err
	}
	foreign, err := s.lookUp(ctx, collection, st)
	if err != nil {
		return nil, err
	}
	uses := append(st.filters(), points.AllPayloads)
	err = c.View(ctx, st.searches(), uses, func(v *points.View) error {
		hits, err := executor{v: v, foreign: foreign}.run(st)
		if err != nil {
			return err
		}
		found, err := gather(v, hits, path, size)
		if err != nil {
			return err
		}
		for _, g := range found[:min(limit, len(found))] {
			dressed, err := dress(v, g.hits, want)
			if err != nil {
				return err
			}
			out = append(out, &qdrant.PointGroup{Id: groupID(g.id), Hits: dressed})
		}
		return nil
	})
	return out, err
}

// gather sorts hits into groups, in the order of each group's best hit.
func gather(v *points.View, hits []scored, path points.Path, size int) ([]*group, error) {
	var found []*group
	byID := map[any]*group{}
	for _, h := range hits {
		records, err := v.Get([]folder.ID{h.id}, points.Fetch{})
		if err != nil {
			return nil, err
		}
		if len(records) == 0 {
			continue
		}
		for _, id := range groupIDs(path.Values(records[0].Payload)) {
			g, ok := byID[id]
			if !ok {
				g = &group{id: id}
				byID[id], found = g, append(found, g)
			}
			if len(g.hits) < size {
				g.hits = append(g.hits, h)
			}
		}
	}
	return found, nil
}

// groupIDs lists the different groups a point belongs to. One value that can
// be no group id keeps it out of all, as in Qdrant.
func groupIDs(values []any) (ids []any) {
	seen := map[any]bool{}
	for _, v := range values {
		switch v.(type) {
		case int64, string:
		default:
			return nil
		}
		if !seen[v] {
			seen[v] = true
			ids = append(ids, v)
		}
	}
	return ids
}

func groupID(id any) *qdrant.GroupId {
	switch id := id.(type) {
	case int64:
		if id >= 0 {
			return &qdrant.GroupId{Kind: &qdrant.GroupId_UnsignedValue{UnsignedValue: uint64(id)}}
		}
		return &qdrant.GroupId{Kind: &qdrant.GroupId_IntegerValue{IntegerValue: id}}
	case string:
		return &qdrant.GroupId{Kind: &qdrant.GroupId_StringValue{StringValue: valid(id)}}
	}
	return nil
}

// lookUpGroups adds to each group the point of another collection that has the
// group's id.
func (s *pointsServer) lookUpGroups(ctx context.Context, l *qdrant.WithLookup, groups []*qdrant.PointGroup) error {
	want, err := fetchOf(l.GetWithPayload(), l.GetWithVectors(), true)
	if err != nil {
		return err
	}
	c, err := s.collections.get(l.GetCollection())
	if err != nil {
		return err
	}
	return c.View(ctx, false, nil, func(v *points.View) error {
		for _, g := range groups {
			id, ok := asPointID(g.GetId())
			if !ok {
				continue
			}
			found, err := v.Get([]folder.ID{id}, want)
			if err != nil {
				return err
			}
			if len(found) > 0 {
				g.Lookup = toRetrieved(found[0])
			}
		}
		return nil
	})
}

func asPointID(g *qdrant.GroupId) (folder.ID, bool) {
	switch k := g.GetKind().(type) {
	case *qdrant.GroupId_UnsignedValue:
		return folder.ID{Num: k.UnsignedValue}, true
	case *qdrant.GroupId_StringValue:
		uuid, ok := points.ParseUUID(k.StringValue)
		return folder.ID{UUID: uuid}, ok
	}
	return folder.ID{}, false
}
