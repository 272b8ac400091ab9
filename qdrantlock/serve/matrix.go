package serve

import (
	"context"
	"slices"
	"time"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/qdrantlock/folder"
	"qgen-sidecar/qdrantlock/points"
)

const (
	defaultSample    = 10
	defaultNeighbors = 3
)

// neighbors are the nearest points of one sampled point, among the sample.
type neighbors struct {
	id   folder.ID
	near []points.Hit
}

// SearchMatrixPairs answers the distances within a sample, as pairs.
func (s *pointsServer) SearchMatrixPairs(ctx context.Context, r *qdrant.SearchMatrixPoints) (*qdrant.SearchMatrixPairsResponse, error) {
	start := time.Now()
	matrix, err := s.matrix(ctx, r)
	out := &qdrant.SearchMatrixPairs{}
	for _, row := range matrix {
		for _, h := range row.near {
			out.Pairs = append(out.Pairs, &qdrant.SearchMatrixPair{A: toID(row.id), B: toID(h.ID), Score: h.Score})
		}
	}
	return &qdrant.SearchMatrixPairsResponse{Result: out, Time: took(start)}, err
}

// SearchMatrixOffsets answers them as a sparse matrix.
func (s *pointsServer) SearchMatrixOffsets(ctx context.Context, r *qdrant.SearchMatrixPoints) (*qdrant.SearchMatrixOffsetsResponse, error) {
	start := time.Now()
	matrix, err := s.matrix(ctx, r)
	out := &qdrant.SearchMatrixOffsets{}
	columns := map[folder.ID]uint64{}
	for i, row := range matrix {
		columns[row.id] = uint64(i)
		out.Ids = append(out.Ids, toID(row.id))
	}
	for i, row := range matrix {
		for _, h := range row.near {
			out.OffsetsRow = append(out.OffsetsRow, uint64(i))
			out.OffsetsCol = append(out.OffsetsCol, columns[h.ID])
			out.Scores = append(out.Scores, h.Score)
		}
	}
	return &qdrant.SearchMatrixOffsetsResponse{Result: out, Time: took(start)}, err
}

func (s *pointsServer) matrix(ctx context.Context, r *qdrant.SearchMatrixPoints) (out []neighbors, err error) {
	sample, limit := uint64(defaultSample), uint64(defaultNeighbors)
	if r.Sample != nil {
		sample = r.GetSample()
	}
	if r.Limit != nil {
		limit = r.GetLimit()
	}
	if limit < 1 || sample < 2 {
		return nil, invalidf("limit must be 1 or larger and sample 2 or larger, found %d and %d", limit, sample)
	}
	having := &qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewHasVector(r.GetUsing())}}
	filter, err := points.Compile(mergeFilters(having, r.GetFilter()))
	if err != nil {
		return nil, err
	}
	c, err := s.collections.get(r.GetCollectionName())
	if err != nil {
		return nil, err
	}
	err = c.View(ctx, true, []*points.Filter{filter}, func(v *points.View) (err error) {
		out, err = sampleMatrix(v, filter, r.GetUsing(), int(min(sample, everything)), int(min(limit, everything)))
		return err
	})
	return out, err
}

func sampleMatrix(v *points.View, filter *points.Filter, using string, sample, limit int) ([]neighbors, error) {
	want := points.Fetch{Payload: points.NoPayload, Vectors: true, Names: []string{using}}
	drawn, err := v.Sample(filter, sample, want)
	if err != nil || len(drawn) < 2 {
		return nil, err
	}
	slices.SortFunc(drawn, func(a, b points.Record) int { return a.ID.Compare(b.ID) })
	among := map[folder.ID]bool{}
	for _, r := range drawn {
		among[r.ID] = true
	}
	narrowed := filter.Among(among)
	var out []neighbors
	for _, r := range drawn {
		hits, err := v.Search(points.Search{
			Using: using, Query: points.Nearest{Vector: r.Vectors[using]}, Filter: narrowed,
			Exclude: map[folder.ID]bool{r.ID: true}, Limit: limit,
		})
		if err != nil {
			return nil, err
		}
		out = append(out, neighbors{r.ID, hits})
	}
	return out, nil
}
