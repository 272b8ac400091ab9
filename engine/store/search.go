package store

import (
	"context"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/internal/vectors"
)

func withVector(name string) *qdrant.WithVectorsSelector {
	if name == "" {
		return qdrant.NewWithVectors(true)
	}
	return qdrant.NewWithVectorsInclude(name)
}

// denseOf is the dense vector of that name, in the form of today or, as older
// servers answer, of yesterday.
func denseOf(v *qdrant.VectorsOutput, name string) []float32 {
	out := v.GetVector()
	if out == nil {
		out = v.GetVectors().GetVectors()[name]
	}
	if dense := out.GetDense(); dense != nil {
		return dense.GetData()
	}
	//lint:ignore SA1019 servers before 1.16 fill nothing else
	return out.GetData()
}

// Search finds the nearest points by a vector of the collection ("" the
// unnamed one), with payloads, the nearest first.
func (st *Store) Search(ctx context.Context, collection, vector string, v []float32, limit int) ([]Hit, error) {
	return st.search(ctx, collection, vector, v, limit, Filter{})
}

func (st *Store) search(ctx context.Context, collection, vector string, v []float32, limit int, filter Filter) ([]Hit, error) {
	client, err := st.client(ctx)
	if err != nil {
		return nil, err
	}
	n := uint64(limit)
	request := &qdrant.QueryPoints{CollectionName: collection, Query: qdrant.NewQueryDense(v), Limit: &n, Filter: filter.wire,
		WithPayload: qdrant.NewWithPayload(true)}
	if vector != "" {
		request.Using = &vector
	}
	found, err := client.Query(ctx, request)
	hits := make([]Hit, len(found))
	for i, p := range found {
		hits[i] = Hit{Point{ID: idOf(p.GetId()), payload: p.GetPayload()}, float64(p.GetScore())}
	}
	return hits, st.fault(ctx, collection, err)
}

// RoundTripDepth is how far a question's own chunk is looked for, where the config does
// not say.
const RoundTripDepth = 10

// Ranker looks for chunks by vectors of one size.
type Ranker struct {
	store *Store
	using string // the vector of the chunks' collection
}

// Ranker looks in the chunks' collection with vectors of this many numbers; an error where
// it has none of that size.
func (st *Store) Ranker(ctx context.Context, size int) (Ranker, error) {
	using, err := st.vectorFor(ctx, st.Collection(""), size)
	return Ranker{st, using}, err
}

// Rank is the place of a chunk, or of a near twin, in a search with its
// question's vector, counted from 1; 0 when neither is among the first k.
func (r Ranker) Rank(ctx context.Context, chunk ID, question []float32, k int) (int, error) {
	st, using := r.store, r.using
	hits, err := st.searchVectors(ctx, st.Collection(""), using, question, k)
	if err != nil || len(hits) == 0 {
		return 0, err
	}
	own := len(hits)
	for i, hit := range hits {
		if idOf(hit.GetId()) == chunk {
			own = i
			break
		}
	}
	if own == 0 {
		return 1, nil
	}
	twin, err := st.twinAmong(ctx, chunk, using, hits[:own])
	switch {
	case err != nil:
		return 0, err
	case twin > 0:
		return twin, nil
	case own < len(hits):
		return own + 1, nil
	}
	return 0, nil
}

// twinAmong is the place of the first hit that is a near twin of the chunk.
func (st *Store) twinAmong(ctx context.Context, chunk ID, using string, hits []*qdrant.ScoredPoint) (int, error) {
	own, err := st.pointVector(ctx, st.Collection(""), chunk, using)
	if err != nil {
		return 0, err
	}
	for i, hit := range hits {
		if vectors.Cosine(own, denseOf(hit.GetVectors(), using)) >= st.cfg.Quality.TwinCosine {
			return i + 1, nil
		}
	}
	return 0, nil
}

// pointVector is a point's vector of that name; nil when either is not there.
func (st *Store) pointVector(ctx context.Context, collection string, id ID, using string) ([]float32, error) {
	client, err := st.client(ctx)
	if err != nil {
		return nil, err
	}
	points, err := client.Get(ctx, &qdrant.GetPoints{CollectionName: collection, Ids: wireIDs([]ID{id}), WithVectors: withVector(using)})
	if err != nil || len(points) == 0 {
		return nil, st.fault(ctx, collection, err)
	}
	return denseOf(points[0].GetVectors(), using), nil
}

// searchVectors is Search with the hits' vectors in the place of their payloads.
func (st *Store) searchVectors(ctx context.Context, collection, using string, v []float32, limit int) ([]*qdrant.ScoredPoint, error) {
	client, err := st.client(ctx)
	if err != nil {
		return nil, err
	}
	n := uint64(limit)
	request := &qdrant.QueryPoints{CollectionName: collection, Query: qdrant.NewQueryDense(v), Limit: &n, WithVectors: withVector(using)}
	if using != "" {
		request.Using = &using
	}
	hits, err := client.Query(ctx, request)
	return hits, st.fault(ctx, collection, err)
}
