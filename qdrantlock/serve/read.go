package serve

import (
	"context"
	"strings"
	"time"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/qdrantlock/folder"
	"qgen-sidecar/qdrantlock/points"
)

// pointsServer is Qdrant's Points service.
type pointsServer struct {
	qdrant.UnimplementedPointsServer
	collections *registry
}

const defaultLimit = 10

// took gives the `time` of an answer, in seconds.
func took(since time.Time) float64 { return time.Since(since).Seconds() }

// Get answers points by id, in the order asked.
func (s *pointsServer) Get(ctx context.Context, req *qdrant.GetPoints) (*qdrant.GetResponse, error) {
	start := time.Now()
	ids, err := fromIDs(req.GetIds())
	if err != nil {
		return nil, err
	}
	want, err := fetchOf(req.GetWithPayload(), req.GetWithVectors(), true)
	if err != nil {
		return nil, err
	}
	c, err := s.collections.get(req.GetCollectionName())
	if err != nil {
		return nil, err
	}
	out := &qdrant.GetResponse{}
	err = c.View(ctx, false, nil, func(v *points.View) error {
		page, err := v.Get(ids, want)
		out.Result = retrieved(page)
		return err
	})
	out.Time = took(start)
	return out, err
}

func retrieved(page []points.Record) []*qdrant.RetrievedPoint {
	out := make([]*qdrant.RetrievedPoint, len(page))
	for i, r := range page {
		out[i] = toRetrieved(r)
	}
	return out
}

// Scroll answers a page in id order, or by order_by.
func (s *pointsServer) Scroll(ctx context.Context, req *qdrant.ScrollPoints) (*qdrant.ScrollResponse, error) {
	start := time.Now()
	limit := defaultLimit
	if req.Limit != nil {
		limit = int(req.GetLimit())
	}
	if limit < 1 {
		return nil, invalid("limit: value 0 invalid, must be 1 or larger")
	}
	filter, err := points.Compile(req.GetFilter())
	if err != nil {
		return nil, err
	}
	want, err := fetchOf(req.GetWithPayload(), req.GetWithVectors(), true)
	if err != nil {
		return nil, err
	}
	c, err := s.collections.get(req.GetCollectionName())
	if err != nil {
		return nil, err
	}
	out := &qdrant.ScrollResponse{}
	if req.GetOrderBy() != nil {
		err = scrollBy(ctx, c, req, filter, limit, want, out)
	} else {
		err = scrollByID(ctx, c, req, filter, limit, want, out)
	}
	out.Time = took(start)
	return out, err
}

func scrollByID(ctx context.Context, c *points.Collection, req *qdrant.ScrollPoints, f *points.Filter, limit int, want points.Fetch, out *qdrant.ScrollResponse) error {
	var offset *folder.ID
	if req.GetOffset() != nil {
		id, err := points.ParseID(req.GetOffset())
		if err != nil {
			return err
		}
		offset = &id
	}
	return c.View(ctx, false, []*points.Filter{f}, func(v *points.View) error {
		page, next, err := v.Scroll(f, offset, limit, want)
		out.Result = retrieved(page)
		if next != nil {
			out.NextPageOffset = toID(*next)
		}
		return err
	})
}

func scrollBy(ctx context.Context, c *points.Collection, req *qdrant.ScrollPoints, f *points.Filter, limit int, want points.Fetch, out *qdrant.ScrollResponse) error {
	if req.GetOffset() != nil {
		return invalid("offset cannot be used together with order_by; use order_by.start_from")
	}
	order, err := orderBy(req.GetOrderBy())
	if err != nil {
		return err
	}
	return c.View(ctx, false, []*points.Filter{f, points.AllPayloads}, func(v *points.View) error {
		page, err := v.ScrollBy(f, order, limit, want)
		out.Result = retrieved(page)
		return err
	})
}

// Count is always exact.
func (s *pointsServer) Count(ctx context.Context, req *qdrant.CountPoints) (*qdrant.CountResponse, error) {
	start := time.Now()
	filter, err := points.Compile(req.GetFilter())
	if err != nil {
		return nil, err
	}
	c, err := s.collections.get(req.GetCollectionName())
	if err != nil {
		return nil, err
	}
	out := &qdrant.CountResponse{Result: &qdrant.CountResult{}}
	err = c.View(ctx, false, []*points.Filter{filter}, func(v *points.View) error {
		n, err := v.Count(filter)
		out.Result.Count = uint64(n)
		return err
	})
	out.Time = took(start)
	return out, err
}

// Facet counts the points per value of a payload key, the most frequent first.
func (s *pointsServer) Facet(ctx context.Context, req *qdrant.FacetCounts) (*qdrant.FacetResponse, error) {
	start := time.Now()
	path, err := points.ParsePath(req.GetKey())
	if err != nil {
		return nil, err
	}
	filter, err := points.Compile(req.GetFilter())
	if err != nil {
		return nil, err
	}
	limit := defaultLimit
	if req.Limit != nil {
		limit = int(req.GetLimit())
	}
	if limit < 1 {
		return nil, invalid("limit: value 0 invalid, must be 1 or larger")
	}
	c, err := s.collections.get(req.GetCollectionName())
	if err != nil {
		return nil, err
	}
	counts := map[any]uint64{}
	err = c.View(ctx, false, []*points.Filter{filter, points.AllPayloads}, func(v *points.View) error {
		return v.Each(filter, func(_ folder.ID, payload map[string]any) { countValues(counts, path.Values(payload)) })
	})
	return &qdrant.FacetResponse{Hits: facetHits(counts, limit), Time: took(start)}, err
}

// countValues counts each value once for a point; UUIDs in one spelling.
func countValues(counts map[any]uint64, values []any) {
	seen := map[any]bool{}
	for _, v := range values {
		switch text := v.(type) {
		case string:
			if uuid, ok := points.ParseUUID(strings.TrimSpace(text)); ok {
				v = uuid
			}
		case bool, int64:
		default:
			continue
		}
		if !seen[v] {
			seen[v] = true
			counts[v]++
		}
	}
}
