package serve

import (
	"context"
	"time"

	"github.com/qdrant/go-client/qdrant"
)

// The methods that Query replaced, each said as a Query. Clients before 1.10
// know no other.

// Search is a nearest query.
func (s *pointsServer) Search(ctx context.Context, r *qdrant.SearchPoints) (*qdrant.SearchResponse, error) {
	start := time.Now()
	result, err := oneOf(ctx, s, r, searchAsQuery)
	return &qdrant.SearchResponse{Result: result, Time: took(start)}, err
}

// SearchBatch is several, answered in turn.
func (s *pointsServer) SearchBatch(ctx context.Context, r *qdrant.SearchBatchPoints) (*qdrant.SearchBatchResponse, error) {
	start := time.Now()
	result, err := batchOf(ctx, s, r.GetCollectionName(), r.GetSearchPoints(), searchAsQuery)
	return &qdrant.SearchBatchResponse{Result: result, Time: took(start)}, err
}

// SearchGroups is a nearest QueryGroups.
func (s *pointsServer) SearchGroups(ctx context.Context, r *qdrant.SearchPointGroups) (*qdrant.SearchGroupsResponse, error) {
	limit, size := uint64(r.GetLimit()), uint64(r.GetGroupSize())
	answer, err := s.QueryGroups(ctx, &qdrant.QueryPointGroups{
		CollectionName: r.GetCollectionName(), Query: nearestTo(r.GetVector(), r.GetSparseIndices()), Using: r.VectorName, Filter: r.GetFilter(),
		ScoreThreshold: r.ScoreThreshold, WithPayload: r.GetWithPayload(), WithVectors: r.GetWithVectors(),
		Limit: &limit, GroupSize: &size, GroupBy: r.GetGroupBy(), WithLookup: r.GetWithLookup(),
	})
	return &qdrant.SearchGroupsResponse{Result: answer.GetResult(), Time: answer.GetTime()}, err
}

// Recommend is a query by examples.
func (s *pointsServer) Recommend(ctx context.Context, r *qdrant.RecommendPoints) (*qdrant.RecommendResponse, error) {
	start := time.Now()
	result, err := oneOf(ctx, s, r, recommendAsQuery)
	return &qdrant.RecommendResponse{Result: result, Time: took(start)}, err
}

// RecommendBatch is several, answered in turn.
func (s *pointsServer) RecommendBatch(ctx context.Context, r *qdrant.RecommendBatchPoints) (*qdrant.RecommendBatchResponse, error) {
	start := time.Now()
	result, err := batchOf(ctx, s, r.GetCollectionName(), r.GetRecommendPoints(), recommendAsQuery)
	return &qdrant.RecommendBatchResponse{Result: result, Time: took(start)}, err
}

// RecommendGroups is a QueryGroups by examples.
func (s *pointsServer) RecommendGroups(ctx context.Context, r *qdrant.RecommendPointGroups) (*qdrant.RecommendGroupsResponse, error) {
	query, err := recommendation(r)
	if err != nil {
		return nil, err
	}
	limit, size := uint64(r.GetLimit()), uint64(r.GetGroupSize())
	answer, err := s.QueryGroups(ctx, &qdrant.QueryPointGroups{
		CollectionName: r.GetCollectionName(), Query: query, Using: r.Using, Filter: r.GetFilter(), LookupFrom: r.GetLookupFrom(),
		ScoreThreshold: r.ScoreThreshold, WithPayload: r.GetWithPayload(), WithVectors: r.GetWithVectors(),
		Limit: &limit, GroupSize: &size, GroupBy: r.GetGroupBy(), WithLookup: r.GetWithLookup(),
	})
	return &qdrant.RecommendGroupsResponse{Result: answer.GetResult(), Time: answer.GetTime()}, err
}

// Discover is a query by a target and context pairs, or by the pairs alone.
func (s *pointsServer) Discover(ctx context.Context, r *qdrant.DiscoverPoints) (*qdrant.DiscoverResponse, error) {
	start := time.Now()
	result, err := oneOf(ctx, s, r, discoverAsQuery)
	return &qdrant.DiscoverResponse{Result: result, Time: took(start)}, err
}

// DiscoverBatch is several, answered in turn.
func (s *pointsServer) DiscoverBatch(ctx context.Context, r *qdrant.DiscoverBatchPoints) (*qdrant.DiscoverBatchResponse, error) {
	start := time.Now()
	result, err := batchOf(ctx, s, r.GetCollectionName(), r.GetDiscoverPoints(), discoverAsQuery)
	return &qdrant.DiscoverBatchResponse{Result: result, Time: took(start)}, err
}

// oneOf answers a request to this server that a query can say.
func oneOf[R any](ctx context.Context, s *pointsServer, r R, asQuery func(R) (*qdrant.QueryPoints, error)) ([]*qdrant.ScoredPoint, error) {
	q, err := asQuery(r)
	if err != nil {
		return nil, err
	}
	return s.query(ctx, q)
}

// batchOf answers requests to one collection; the first error ends it.
func batchOf[R any](ctx context.Context, s *pointsServer, collection string, requests []R, asQuery func(R) (*qdrant.QueryPoints, error)) ([]*qdrant.BatchResult, error) {
	queries := make([]*qdrant.QueryPoints, len(requests))
	for i, r := range requests {
		var err error
		if queries[i], err = asQuery(r); err != nil {
			return nil, err
		}
		queries[i].CollectionName = collection
	}
	return s.queries(ctx, queries)
}

func searchAsQuery(r *qdrant.SearchPoints) (*qdrant.QueryPoints, error) {
	limit := r.GetLimit()
	return &qdrant.QueryPoints{
		CollectionName: r.GetCollectionName(), Query: nearestTo(r.GetVector(), r.GetSparseIndices()), Using: r.VectorName,
		Filter: r.GetFilter(), ScoreThreshold: r.ScoreThreshold, Limit: &limit, Offset: r.Offset,
		WithPayload: r.GetWithPayload(), WithVectors: r.GetWithVectors(),
	}, nil
}

func nearestTo(values []float32, indices *qdrant.SparseIndices) *qdrant.Query {
	if indices != nil {
		return qdrant.NewQueryNearest(qdrant.NewVectorInputSparse(indices.GetData(), values))
	}
	return qdrant.NewQueryNearest(qdrant.NewVectorInputDense(values))
}

func recommendAsQuery(r *qdrant.RecommendPoints) (*qdrant.QueryPoints, error) {
	query, err := recommendation(r)
	limit := r.GetLimit()
	return &qdrant.QueryPoints{
		CollectionName: r.GetCollectionName(), Query: query, Using: r.Using, LookupFrom: r.GetLookupFrom(),
		Filter: r.GetFilter(), ScoreThreshold: r.ScoreThreshold, Limit: &limit, Offset: r.Offset,
		WithPayload: r.GetWithPayload(), WithVectors: r.GetWithVectors(),
	}, err
}

// examples are what both forms of a recommendation have.
type examples interface {
	GetPositive() []*qdrant.PointId
	GetNegative() []*qdrant.PointId
	GetPositiveVectors() []*qdrant.Vector
	GetNegativeVectors() []*qdrant.Vector
	GetStrategy() qdrant.RecommendStrategy
}

func recommendation(r examples) (*qdrant.Query, error) {
	positive, err := exampleInputs(r.GetPositive(), r.GetPositiveVectors())
	if err != nil {
		return nil, err
	}
	negative, err := exampleInputs(r.GetNegative(), r.GetNegativeVectors())
	strategy := r.GetStrategy()
	return qdrant.NewQueryRecommend(&qdrant.RecommendInput{Positive: positive, Negative: negative, Strategy: &strategy}), err
}

func exampleInputs(ids []*qdrant.PointId, vectors []*qdrant.Vector) ([]*qdrant.VectorInput, error) {
	var out []*qdrant.VectorInput
	for _, id := range ids {
		out = append(out, qdrant.NewVectorInputID(id))
	}
	for _, v := range vectors {
		input, err := inputOf(v)
		if err != nil {
			return nil, err
		}
		out = append(out, input)
	}
	return out, nil
}

// inputOf says a vector, in any of its forms, as a query's input.
func inputOf(in *qdrant.Vector) (*qdrant.VectorInput, error) {
	v, err := fromVector(in)
	switch {
	case err != nil:
		return nil, err
	case v.Sparse != nil:
		return qdrant.NewVectorInputSparse(v.Sparse.Indices, v.Sparse.Values), nil
	case v.Multi != nil:
		return qdrant.NewVectorInputMulti(v.Multi), nil
	}
	return qdrant.NewVectorInputDense(v.Dense), nil
}

func exampleInput(e *qdrant.VectorExample) (*qdrant.VectorInput, error) {
	switch o := e.GetExample().(type) {
	case *qdrant.VectorExample_Id:
		return qdrant.NewVectorInputID(o.Id), nil
	case *qdrant.VectorExample_Vector:
		return inputOf(o.Vector)
	}
	return nil, invalid("an example is empty or of a kind that is not known here")
}

func discoverAsQuery(r *qdrant.DiscoverPoints) (*qdrant.QueryPoints, error) {
	context := &qdrant.ContextInput{}
	for _, p := range r.GetContext() {
		positive, err := exampleInput(p.GetPositive())
		if err != nil {
			return nil, err
		}
		negative, err := exampleInput(p.GetNegative())
		if err != nil {
			return nil, err
		}
		context.Pairs = append(context.Pairs, &qdrant.ContextInputPair{Positive: positive, Negative: negative})
	}
	query := qdrant.NewQueryContext(context)
	if target := r.GetTarget().GetSingle(); target != nil {
		input, err := exampleInput(target)
		if err != nil {
			return nil, err
		}
		query = qdrant.NewQueryDiscover(&qdrant.DiscoverInput{Target: input, Context: context})
	}
	limit := r.GetLimit()
	return &qdrant.QueryPoints{
		CollectionName: r.GetCollectionName(), Query: query, Using: r.Using, LookupFrom: r.GetLookupFrom(),
		Filter: r.GetFilter(), Limit: &limit, Offset: r.Offset,
		WithPayload: r.GetWithPayload(), WithVectors: r.GetWithVectors(),
	}, nil
}

var (
	_ examples = (*qdrant.RecommendPoints)(nil)
	_ examples = (*qdrant.RecommendPointGroups)(nil)
)
