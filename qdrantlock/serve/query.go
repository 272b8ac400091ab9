package serve

import (
	"context"
	"time"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/protobuf/proto"

	"qgen-sidecar/qdrantlock/folder"
	"qgen-sidecar/qdrantlock/points"
)

// stage is a query or a prefetch, read and checked, with its vectors still to
// be looked up.
type stage struct {
	prefetch  []*stage
	query     *qdrant.Query
	formula   *points.Formula // of a formula query
	using     string
	filter    *points.Filter // outer filters merged in
	threshold *float32
	limit     int
	offset    int
	lookup    *qdrant.LookupLocation
}

// plan reads a query request into stages.
func plan(r *qdrant.QueryPoints) (*stage, error) {
	root := &qdrant.PrefetchQuery{
		Prefetch: r.GetPrefetch(), Query: r.GetQuery(), Using: r.Using, Filter: r.GetFilter(),
		ScoreThreshold: r.ScoreThreshold, Limit: r.Limit, LookupFrom: r.GetLookupFrom(),
	}
	st, err := planStage(root, nil)
	if err == nil {
		st.offset = int(min(r.GetOffset(), everything))
	}
	return st, err
}

// planStage merges the outer filter into this level's and hands it on to the
// prefetches, so that their limits count points that can be results.
func planStage(p *qdrant.PrefetchQuery, outer *qdrant.Filter) (*stage, error) {
	if err := checkStage(p); err != nil {
		return nil, err
	}
	merged := mergeFilters(outer, p.GetFilter())
	st := &stage{query: p.GetQuery(), using: p.GetUsing(), threshold: p.ScoreThreshold, limit: defaultLimit, lookup: p.GetLookupFrom()}
	if p.Limit != nil {
		st.limit = int(min(p.GetLimit(), everything))
	}
	var err error
	if st.filter, err = points.Compile(merged); err != nil {
		return nil, err
	}
	if q, ok := p.GetQuery().GetVariant().(*qdrant.Query_Formula); ok {
		if st.formula, err = points.CompileFormula(q.Formula); err != nil {
			return nil, err
		}
	}
	for _, inner := range p.GetPrefetch() {
		child, err := planStage(inner, merged)
		if err != nil {
			return nil, err
		}
		st.prefetch = append(st.prefetch, child)
	}
	return st, nil
}

func checkStage(p *qdrant.PrefetchQuery) error {
	q := p.GetQuery()
	_, ordered := q.GetVariant().(*qdrant.Query_OrderBy)
	fused := isFusion(q)
	switch {
	case p.Limit != nil && p.GetLimit() < 1:
		return invalid("limit: value 0 invalid, must be 1 or larger")
	case len(p.GetPrefetch()) > 0 && q == nil:
		return invalid("A query is needed to merge the prefetches. Can't have prefetches without defining a query.")
	case p.ScoreThreshold != nil && q == nil:
		return invalid("A query is needed to use the score_threshold. Can't have score_threshold without defining a query.")
	case p.ScoreThreshold != nil && ordered:
		return invalid("Can't use score_threshold with an order_by query.")
	case fused && p.GetUsing() != "":
		return invalid("Fusion queries cannot be combined with the 'using' field.")
	case fused && len(p.GetPrefetch()) == 0:
		return invalid("cannot do fusion without prefetches")
	case q.GetFormula() != nil && len(p.GetPrefetch()) == 0:
		return invalid("cannot apply a formula without prefetches")
	case q.GetRrf() != nil && q.GetRrf().K != nil && q.GetRrf().GetK() < 1:
		return invalid("rrf.k: value 0 invalid, must be 1 or larger")
	}
	return nil
}

func isFusion(q *qdrant.Query) bool {
	switch q.GetVariant().(type) {
	case *qdrant.Query_Fusion, *qdrant.Query_Rrf:
		return true
	}
	return false
}

// mergeFilters joins two filters clause by clause, as Qdrant does for
// prefetches: the should clauses of both become alternatives of each other.
func mergeFilters(outer, inner *qdrant.Filter) *qdrant.Filter {
	if outer == nil {
		return inner
	}
	if inner == nil {
		return outer
	}
	out := proto.Clone(outer).(*qdrant.Filter)
	out.Must = append(out.Must, inner.GetMust()...)
	out.MustNot = append(out.MustNot, inner.GetMustNot()...)
	out.Should = append(out.Should, inner.GetShould()...)
	if b := inner.GetMinShould(); b != nil {
		if out.MinShould == nil {
			out.MinShould = &qdrant.MinShould{}
		}
		out.MinShould.Conditions = append(out.MinShould.Conditions, b.GetConditions()...)
		out.MinShould.MinCount = max(out.MinShould.MinCount, b.GetMinCount())
	}
	return out
}

// filters lists every filter of the stages; payloads are loaded for order_by.
func (st *stage) filters() []*points.Filter {
	out := []*points.Filter{st.filter}
	if _, ordered := st.query.GetVariant().(*qdrant.Query_OrderBy); ordered {
		out = append(out, points.AllPayloads)
	}
	if st.formula != nil {
		out = append(out, st.formula.Uses())
	}
	for _, inner := range st.prefetch {
		out = append(out, inner.filters()...)
	}
	return out
}

// searches reports whether any stage compares vectors.
func (st *stage) searches() bool {
	for _, inner := range st.prefetch {
		if inner.searches() {
			return true
		}
	}
	switch st.query.GetVariant().(type) {
	case nil, *qdrant.Query_OrderBy, *qdrant.Query_Sample, *qdrant.Query_Fusion, *qdrant.Query_Rrf, *qdrant.Query_Formula:
		return false
	}
	return true
}

// scored is a result on its way: order is set by order_by only.
type scored struct {
	id    folder.ID
	score float32
	order any
}

// execute runs a plan on a collection and gives what is wanted of each point.
func (s *pointsServer) execute(ctx context.Context, collection string, st *stage, want points.Fetch) ([]*qdrant.ScoredPoint, error) {
	c, err := s.collections.get(collection)
	if err != nil {
		return nil, err
	}
	// Vectors of other collections first: two collections are never held at once.
	foreign, err := s.lookUp(ctx, collection, st)
	if err != nil {
		return nil, err
	}
	var out []*qdrant.ScoredPoint
	err = c.View(ctx, st.searches(), st.filters(), func(v *points.View) error {
		e := executor{v: v, foreign: foreign}
		hits, err := e.run(st)
		if err != nil {
			return err
		}
		out, err = dress(v, hits, want)
		return err
	})
	return out, err
}

// dress fetches what is wanted of the hits.
func dress(v *points.View, hits []scored, want points.Fetch) ([]*qdrant.ScoredPoint, error) {
	ids := make([]folder.ID, len(hits))
	for i, h := range hits {
		ids[i] = h.id
	}
	records, err := v.Get(ids, want)
	if err != nil {
		return nil, err
	}
	out := make([]*qdrant.ScoredPoint, 0, len(records))
	for _, h := range hits {
		if len(records) == 0 {
			break
		}
		if records[0].ID != h.id {
			continue // a row that cannot be read was left out
		}
		r := records[0]
		records = records[1:]
		r.Order = h.order
		out = append(out, toScored(r, h.score))
	}
	return out, nil
}

// Query is Qdrant's one entry to search, scroll, order, sample and fusion.
func (s *pointsServer) Query(ctx context.Context, r *qdrant.QueryPoints) (*qdrant.QueryResponse, error) {
	start := time.Now()
	result, err := s.query(ctx, r)
	return &qdrant.QueryResponse{Result: result, Time: took(start)}, err
}

func (s *pointsServer) query(ctx context.Context, r *qdrant.QueryPoints) ([]*qdrant.ScoredPoint, error) {
	st, err := plan(r)
	if err != nil {
		return nil, err
	}
	want, err := fetchOf(r.GetWithPayload(), r.GetWithVectors(), false)
	if err != nil {
		return nil, err
	}
	return s.execute(ctx, r.GetCollectionName(), st, want)
}

// QueryBatch runs its queries one after the other; the first error ends it.
func (s *pointsServer) QueryBatch(ctx context.Context, r *qdrant.QueryBatchPoints) (*qdrant.QueryBatchResponse, error) {
	start := time.Now()
	for _, q := range r.GetQueryPoints() {
		if q.CollectionName == "" {
			q.CollectionName = r.GetCollectionName()
		}
	}
	result, err := s.queries(ctx, r.GetQueryPoints())
	if err != nil {
		return nil, err
	}
	return &qdrant.QueryBatchResponse{Result: result, Time: took(start)}, nil
}

func (s *pointsServer) queries(ctx context.Context, all []*qdrant.QueryPoints) ([]*qdrant.BatchResult, error) {
	var out []*qdrant.BatchResult
	for _, q := range all {
		result, err := s.query(ctx, q)
		if err != nil {
			return nil, err
		}
		out = append(out, &qdrant.BatchResult{Result: result})
	}
	return out, nil
}
