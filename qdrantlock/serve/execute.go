package serve

import (
	"cmp"
	"context"
	"slices"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/qdrantlock/folder"
	"qgen-sidecar/qdrantlock/points"
)

// executor runs the stages of one request over one View.
type executor struct {
	v       *points.View
	foreign map[foreignKey]points.Vector
}

// foreignKey names a vector of another collection.
type foreignKey struct {
	collection, vector string
	id                 folder.ID
}

// run gives a stage's results, best first.
func (e executor) run(st *stage) ([]scored, error) {
	if len(st.prefetch) == 0 {
		return e.base(st, st.filter)
	}
	var sources [][]scored
	for _, inner := range st.prefetch {
		hits, err := e.run(inner)
		if err != nil {
			return nil, err
		}
		sources = append(sources, hits)
	}
	if isFusion(st.query) {
		hits, err := fuse(st, sources)
		return hits[min(st.offset, len(hits)):], err
	}
	if st.formula != nil {
		hits, err := e.compute(st, sources)
		return hits[min(st.offset, len(hits)):], err
	}
	among := map[folder.ID]bool{}
	for _, hits := range sources {
		for _, h := range hits {
			among[h.id] = true
		}
	}
	if len(among) == 0 {
		return nil, nil
	}
	return e.base(st, st.filter.Among(among))
}

// compute scores the prefetches' points by a formula, best first; points that
// tie stay in the prefetches' order. As for a fusion, an equal score passes the
// threshold.
func (e executor) compute(st *stage, sources [][]scored) ([]scored, error) {
	scores := make([]map[folder.ID]float32, len(sources))
	var out []scored
	seen := map[folder.ID]bool{}
	for i, hits := range sources {
		scores[i] = make(map[folder.ID]float32, len(hits))
		for _, h := range hits {
			scores[i][h.id] = h.score
			if !seen[h.id] {
				seen[h.id] = true
				out = append(out, scored{id: h.id})
			}
		}
	}
	for i := range out {
		var err error
		if out[i].score, err = e.v.Score(st.formula, out[i].id, scores); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(out, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	if st.threshold != nil {
		out = slices.DeleteFunc(out, func(h scored) bool { return h.score < *st.threshold })
	}
	return out[:min(st.limit+st.offset, len(out))], nil
}

// base runs a stage's own query over the points that the filter accepts.
func (e executor) base(st *stage, filter *points.Filter) ([]scored, error) {
	want := points.Fetch{Payload: points.NoPayload}
	var page []points.Record
	var err error
	switch q := st.query.GetVariant().(type) {
	case nil:
		if st.query != nil {
			return nil, invalid("query of a kind that is not known here")
		}
		page, _, err = e.v.Scroll(filter, nil, st.limit+st.offset, want)
	case *qdrant.Query_OrderBy:
		var order points.OrderBy
		if order, err = orderBy(q.OrderBy); err == nil {
			page, err = e.v.ScrollBy(filter, order, st.limit+st.offset, want)
		}
	case *qdrant.Query_Sample:
		page, err = e.v.Sample(filter, st.limit+st.offset, want)
	default:
		return e.search(st, filter)
	}
	out := make([]scored, len(page))
	for i, r := range page {
		out[i] = scored{r.ID, 1, r.Order}
	}
	return out[min(st.offset, len(out)):], err
}

func (e executor) search(st *stage, filter *points.Filter) ([]scored, error) {
	exclude := map[folder.ID]bool{}
	search := points.Search{
		Using: st.using, Filter: filter, Exclude: exclude,
		Limit: st.limit, Offset: st.offset, Threshold: st.threshold,
	}
	hits, err := e.hits(st, search)
	out := make([]scored, len(hits))
	for i, h := range hits {
		out[i] = scored{id: h.ID, score: h.Score}
	}
	return out, err
}

func (e executor) hits(st *stage, search points.Search) ([]points.Hit, error) {
	if q, ok := st.query.GetVariant().(*qdrant.Query_NearestWithMmr); ok {
		return e.diversify(st, q.NearestWithMmr, search)
	}
	var err error
	if search.Query, err = e.comparison(st, search.Exclude); err != nil {
		return nil, err
	}
	return e.v.Search(search)
}

const (
	defaultDiversity = 0.5
	maxCandidates    = 16384
)

func (e executor) diversify(st *stage, q *qdrant.NearestInputWithMmr, search points.Search) ([]points.Hit, error) {
	vector, err := e.vector(st, q.GetNearest(), search.Exclude)
	if err != nil {
		return nil, err
	}
	m := points.MMR{Vector: vector, Diversity: defaultDiversity, Candidates: st.limit}
	if q.GetMmr().GetCandidatesLimit() > maxCandidates {
		return nil, invalidf("mmr.candidates_limit: expected at most %d, found %d", maxCandidates, q.GetMmr().GetCandidatesLimit())
	}
	if q.GetMmr().CandidatesLimit != nil {
		m.Candidates = int(q.GetMmr().GetCandidatesLimit())
	}
	if q.GetMmr().Diversity != nil {
		m.Diversity = q.GetMmr().GetDiversity()
	}
	return e.v.Diversify(search, m)
}

// comparison makes the query that points are compared with. Points of this
// collection that it names by id are excluded from the results.
func (e executor) comparison(st *stage, exclude map[folder.ID]bool) (points.Query, error) {
	get := func(in *qdrant.VectorInput) (points.Vector, error) { return e.vector(st, in, exclude) }
	switch q := st.query.GetVariant().(type) {
	case *qdrant.Query_Nearest:
		v, err := get(q.Nearest)
		return points.Nearest{Vector: v}, err
	case *qdrant.Query_Recommend:
		return recommend(q.Recommend, get)
	case *qdrant.Query_Discover:
		target, err := get(q.Discover.GetTarget())
		if err != nil {
			return nil, err
		}
		pairs, err := contextPairs(q.Discover.GetContext(), get)
		return points.Discover{Target: &target, Pairs: pairs}, err
	case *qdrant.Query_Context:
		pairs, err := contextPairs(q.Context, get)
		return points.Discover{Pairs: pairs}, err
	case *qdrant.Query_RelevanceFeedback:
		return feedback(q.RelevanceFeedback, get)
	}
	return nil, invalid("query of a kind that is not known here")
}

type getVector func(*qdrant.VectorInput) (points.Vector, error)

func all(in []*qdrant.VectorInput, get getVector) ([]points.Vector, error) {
	out := make([]points.Vector, len(in))
	for i, input := range in {
		var err error
		if out[i], err = get(input); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func recommend(r *qdrant.RecommendInput, get getVector) (points.Query, error) {
	positive, err := all(r.GetPositive(), get)
	if err != nil {
		return nil, err
	}
	negative, err := all(r.GetNegative(), get)
	if err != nil {
		return nil, err
	}
	if r.GetStrategy() == qdrant.RecommendStrategy_AverageVector {
		v, err := points.Average(positive, negative)
		return points.Nearest{Vector: v}, err
	}
	return points.Recommend{
		Positive: positive, Negative: negative,
		Sum: r.GetStrategy() == qdrant.RecommendStrategy_SumScores,
	}, nil
}

func feedback(r *qdrant.RelevanceFeedbackInput, get getVector) (points.Query, error) {
	naive := r.GetStrategy().GetNaive()
	if naive == nil {
		return nil, invalid("relevance_feedback.strategy is missing or of a kind that is not known here")
	}
	f := points.Feedback{A: naive.GetA(), B: naive.GetB(), C: naive.GetC()}
	var err error
	if f.Target, err = get(r.GetTarget()); err != nil {
		return nil, err
	}
	for _, item := range r.GetFeedback() {
		v, err := get(item.GetExample())
		if err != nil {
			return nil, err
		}
		f.Items, f.Scores = append(f.Items, v), append(f.Scores, item.GetScore())
	}
	return f, nil
}

func contextPairs(c *qdrant.ContextInput, get getVector) ([]points.Pair, error) {
	var out []points.Pair
	for _, p := range c.GetPairs() {
		positive, err := get(p.GetPositive())
		if err != nil {
			return nil, err
		}
		negative, err := get(p.GetNegative())
		if err != nil {
			return nil, err
		}
		out = append(out, points.Pair{Positive: positive, Negative: negative})
	}
	return out, nil
}

// vector reads an input: a vector, or the id of a point that has one.
func (e executor) vector(st *stage, in *qdrant.VectorInput, exclude map[folder.ID]bool) (points.Vector, error) {
	switch o := in.GetVariant().(type) {
	case *qdrant.VectorInput_Dense:
		return denseVector(o.Dense.GetData())
	case *qdrant.VectorInput_Sparse:
		return sparseVector(o.Sparse.GetIndices(), o.Sparse.GetValues())
	case *qdrant.VectorInput_MultiDense:
		return multiVector(o.MultiDense)
	case *qdrant.VectorInput_Document, *qdrant.VectorInput_Image, *qdrant.VectorInput_Object:
		return points.Vector{}, noInference()
	case *qdrant.VectorInput_Id:
		id, err := points.ParseID(o.Id)
		if err != nil {
			return points.Vector{}, err
		}
		name := st.lookupName()
		if v, ok := e.foreign[foreignKey{st.lookup.GetCollectionName(), name, id}]; ok {
			return v, nil
		}
		exclude[id] = true
		return vectorOf(e.v, id, name)
	}
	return points.Vector{}, invalid("vector input is empty or of a kind that is not known here")
}

// lookupName is the name of the vector that ids stand for.
func (st *stage) lookupName() string {
	if st.lookup != nil && st.lookup.VectorName != nil {
		return st.lookup.GetVectorName()
	}
	return st.using
}

func vectorOf(v *points.View, id folder.ID, name string) (points.Vector, error) {
	found, err := v.Get([]folder.ID{id}, points.Fetch{Payload: points.NoPayload, Vectors: true, Names: []string{name}})
	if err != nil {
		return points.Vector{}, err
	}
	if len(found) == 0 {
		return points.Vector{}, points.NoPoint(id)
	}
	vector, ok := found[0].Vectors[name]
	if !ok {
		return points.Vector{}, &points.Error{Kind: points.NotFound, Text: "Not found: Vector with name `" + name + "` for point " + id.String()}
	}
	return vector, nil
}

// lookUp reads the vectors that lookup_from names in other collections.
func (s *pointsServer) lookUp(ctx context.Context, collection string, st *stage) (map[foreignKey]points.Vector, error) {
	out := map[foreignKey]points.Vector{}
	var visit func(st *stage) error
	visit = func(st *stage) error {
		for _, inner := range st.prefetch {
			if err := visit(inner); err != nil {
				return err
			}
		}
		if other := st.lookup.GetCollectionName(); st.lookup != nil && other != collection {
			return s.lookUpStage(ctx, other, st, out)
		}
		return nil
	}
	return out, visit(st)
}

func (s *pointsServer) lookUpStage(ctx context.Context, other string, st *stage, out map[foreignKey]points.Vector) error {
	c, err := s.collections.get(other)
	if err != nil {
		return err
	}
	name := st.lookupName()
	return c.View(ctx, false, nil, func(v *points.View) error {
		for _, in := range inputs(st.query) {
			if in.GetId() == nil {
				continue
			}
			id, err := points.ParseID(in.GetId())
			if err != nil {
				return err
			}
			if out[foreignKey{other, name, id}], err = vectorOf(v, id, name); err != nil {
				return err
			}
		}
		return nil
	})
}

// inputs lists every vector input of a query.
func inputs(q *qdrant.Query) (list []*qdrant.VectorInput) {
	switch o := q.GetVariant().(type) {
	case *qdrant.Query_Nearest:
		return []*qdrant.VectorInput{o.Nearest}
	case *qdrant.Query_Recommend:
		return append(append(list, o.Recommend.GetPositive()...), o.Recommend.GetNegative()...)
	case *qdrant.Query_Discover:
		return append(inputsOf(o.Discover.GetContext()), o.Discover.GetTarget())
	case *qdrant.Query_Context:
		return inputsOf(o.Context)
	case *qdrant.Query_NearestWithMmr:
		return []*qdrant.VectorInput{o.NearestWithMmr.GetNearest()}
	case *qdrant.Query_RelevanceFeedback:
		list = append(list, o.RelevanceFeedback.GetTarget())
		for _, item := range o.RelevanceFeedback.GetFeedback() {
			list = append(list, item.GetExample())
		}
		return list
	}
	return nil
}

func inputsOf(c *qdrant.ContextInput) (list []*qdrant.VectorInput) {
	for _, p := range c.GetPairs() {
		list = append(list, p.GetPositive(), p.GetNegative())
	}
	return list
}
