package serve_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
)

// fivePoints lie on a quarter circle: from 1, along the first axis, to 5.
func fivePoints(t *testing.T) *qdrant.Client {
	t.Helper()
	c, _ := start(t)
	create(t, c, "c", qdrant.Distance_Dot)
	for i, v := range [][2]float32{{4, 0}, {3.5, 1.5}, {3, 3}, {1.5, 3.5}, {0, 4}} {
		upsert(t, c, "c", point(uint64(i+1), v[0], v[1], map[string]any{"n": i + 1, "kind": []string{"even", "odd"}[(i+1)%2], "when": "2024-01-02T00:00:00Z", "geo": map[string]any{"lon": 0, "lat": i}}))
	}
	return c
}

// The older methods answer as the query that replaced them.
func TestOlderMethods(t *testing.T) {
	c, ctx := fivePoints(t), t.Context()
	old := c.GetPointsClient()
	id, limit := qdrant.NewIDNum, uint64(3)
	using := func(q *qdrant.Query) []*qdrant.ScoredPoint {
		found, err := c.Query(ctx, &qdrant.QueryPoints{CollectionName: "c", Query: q, Limit: &limit})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	example := func(n uint64) *qdrant.VectorExample {
		return &qdrant.VectorExample{Example: &qdrant.VectorExample_Id{Id: id(n)}}
	}
	best := qdrant.RecommendStrategy_BestScore
	recommend := &qdrant.RecommendPoints{CollectionName: "c", Positive: []*qdrant.PointId{id(1)}, NegativeVectors: []*qdrant.Vector{{Data: []float32{0, 1}}}, Strategy: &best, Limit: limit}
	recommended := using(qdrant.NewQueryRecommend(&qdrant.RecommendInput{Positive: []*qdrant.VectorInput{qdrant.NewVectorInputID(id(1))}, Negative: []*qdrant.VectorInput{qdrant.NewVectorInput(0, 1)}, Strategy: &best}))
	discover := &qdrant.DiscoverPoints{CollectionName: "c", Target: &qdrant.TargetVector{Target: &qdrant.TargetVector_Single{Single: example(3)}}, Context: []*qdrant.ContextExamplePair{{Positive: example(1), Negative: example(5)}}, Limit: limit}
	pairs := &qdrant.ContextInput{Pairs: []*qdrant.ContextInputPair{{Positive: qdrant.NewVectorInputID(id(1)), Negative: qdrant.NewVectorInputID(id(5))}}}
	discovered := using(qdrant.NewQueryDiscover(&qdrant.DiscoverInput{Target: qdrant.NewVectorInputID(id(3)), Context: pairs}))
	var got [][]*qdrant.ScoredPoint
	keep := func(found []*qdrant.ScoredPoint, err error) {
		if err != nil {
			t.Error(err)
		}
		got = append(got, found)
	}
	search, err := old.Search(ctx, &qdrant.SearchPoints{CollectionName: "c", Vector: []float32{1, 0}, Limit: limit})
	keep(search.GetResult(), err)
	searches, err := old.SearchBatch(ctx, &qdrant.SearchBatchPoints{CollectionName: "c", SearchPoints: []*qdrant.SearchPoints{{Vector: []float32{1, 0}, Limit: limit}}})
	keep(searches.GetResult()[0].GetResult(), err)
	one, err := old.Recommend(ctx, recommend)
	keep(one.GetResult(), err)
	several, err := old.RecommendBatch(ctx, &qdrant.RecommendBatchPoints{CollectionName: "c", RecommendPoints: []*qdrant.RecommendPoints{recommend}})
	keep(several.GetResult()[0].GetResult(), err)
	found, err := old.Discover(ctx, discover)
	keep(found.GetResult(), err)
	finds, err := old.DiscoverBatch(ctx, &qdrant.DiscoverBatchPoints{CollectionName: "c", DiscoverPoints: []*qdrant.DiscoverPoints{discover}})
	keep(finds.GetResult()[0].GetResult(), err)
	context, err := old.Discover(ctx, &qdrant.DiscoverPoints{CollectionName: "c", Context: discover.Context, Limit: limit})
	keep(context.GetResult(), err)
	nearest := using(qdrant.NewQuery(1, 0))
	for i, want := range [][]*qdrant.ScoredPoint{nearest, nearest, recommended, recommended, discovered, discovered, using(qdrant.NewQueryContext(pairs))} {
		if diff := cmp.Diff(brief(want), brief(got[i])); diff != "" || len(want) == 0 {
			t.Errorf("answer %d: %s", i, diff)
		}
	}
	groups, err := old.RecommendGroups(ctx, &qdrant.RecommendPointGroups{CollectionName: "c", Positive: []*qdrant.PointId{id(1)}, GroupBy: "kind", Limit: 2, GroupSize: 1})
	if err != nil || len(groups.GetResult().GetGroups()) != 2 || groups.Result.Groups[0].Hits[0].Id.GetNum() != 2 || groups.Result.Groups[1].Hits[0].Id.GetNum() != 3 {
		t.Errorf("groups: %v, %v", groups, err)
	}
	_, err = old.Recommend(ctx, &qdrant.RecommendPoints{CollectionName: "c", Positive: []*qdrant.PointId{id(99)}, Limit: 1})
	wantCode(t, err, codes.NotFound, "No point with id 99")
}

type hit struct {
	ID    uint64
	Score float32
}

func brief(found []*qdrant.ScoredPoint) (out []hit) {
	for _, p := range found {
		out = append(out, hit{p.GetId().GetNum(), p.GetScore()})
	}
	return out
}

// A formula over scores, payload and conditions; the figures were computed by hand.
func TestFormula(t *testing.T) {
	c := fivePoints(t)
	x := qdrant.NewExpressionVariable
	number := qdrant.NewExpressionConstant
	decay := func(x *qdrant.Expression) *qdrant.DecayParamsExpression {
		return &qdrant.DecayParamsExpression{X: x, Target: number(1), Scale: qdrant.PtrOf(float32(2))}
	}
	for _, tt := range []struct {
		name string
		e    *qdrant.Expression
		want []hit // nil: refused with text
		text string
	}{
		{"a score", x("$score"), []hit{{1, 4}, {2, 3.5}, {3, 3}}, ""},
		{"a score of a prefetch that is not there", qdrant.NewExpressionSum(&qdrant.SumExpression{Sum: []*qdrant.Expression{x("$score[4]"), x("n")}}), []hit{{3, 3}, {2, 2}, {1, 1}}, ""},
		{"payload and condition", qdrant.NewExpressionMult(&qdrant.MultExpression{Mult: []*qdrant.Expression{x("n"), qdrant.NewExpressionCondition(qdrant.NewMatch("kind", "odd"))}}), []hit{{3, 3}, {1, 1}, {2, 0}}, ""},
		{"linear decay", qdrant.NewExpressionLinDecay(decay(x("n"))), []hit{{1, 1}, {2, 0.75}, {3, 0.5}}, ""},
		{"exponential decay", qdrant.NewExpressionExpDecay(decay(x("n"))), []hit{{1, 1}, {2, 0.70710677}, {3, 0.5}}, ""},
		{"gauss decay", qdrant.NewExpressionGaussDecay(decay(x("n"))), []hit{{1, 1}, {2, 0.8408964}, {3, 0.5}}, ""},
		{"division by zero, with a default", qdrant.NewExpressionDiv(&qdrant.DivExpression{Left: x("n"), Right: number(0), ByZeroDefault: qdrant.PtrOf(float32(7))}), []hit{{1, 7}, {2, 7}, {3, 7}}, ""},
		{"division by zero", qdrant.NewExpressionDiv(&qdrant.DivExpression{Left: x("n"), Right: number(0)}), nil, "1/0 produced a non-finite number"},
		{"a root of less than zero", qdrant.NewExpressionSqrt(qdrant.NewExpressionNeg(x("n"))), nil, "√-1 produced a non-finite number"},
		{"a default", x("missing"), []hit{{1, 2.5}, {2, 2.5}, {3, 2.5}}, ""},
		{"nothing there", x("nowhere"), nil, "No value found for nowhere"},
		{"no number", x("kind"), nil, "Expected number value for kind"},
		{"a date", qdrant.NewExpressionDiv(&qdrant.DivExpression{Left: qdrant.NewExpressionDatetimeKey("when"), Right: qdrant.NewExpressionDatetime("2024-01-02")}), []hit{{1, 1}, {2, 1}, {3, 1}}, ""},
		{"a distance", qdrant.NewExpressionGeoDistance(&qdrant.GeoDistance{Origin: &qdrant.GeoPoint{}, To: "geo"}), []hit{{3, 222390.16}, {2, 111195.08}, {1, 0}}, ""},
		{"a bad pattern", x("$score[-1]"), nil, "Invalid score pattern"},
		{"a bad midpoint", qdrant.NewExpressionExpDecay(&qdrant.DecayParamsExpression{X: x("n"), Midpoint: qdrant.PtrOf(float32(1))}), nil, "midpoint should be in the range (0.0, 1.0)"},
		{"too large for a score", qdrant.NewExpressionExp(number(100)), nil, "as f32"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found, err := c.Query(t.Context(), &qdrant.QueryPoints{
				CollectionName: "c", Query: qdrant.NewQueryFormula(&qdrant.Formula{Expression: tt.e, Defaults: qdrant.NewValueMap(map[string]any{"missing": 2.5})}),
				Prefetch: []*qdrant.PrefetchQuery{{Query: qdrant.NewQuery(1, 0), Limit: qdrant.PtrOf(uint64(3))}},
			})
			if tt.want == nil {
				wantCode(t, err, codes.InvalidArgument, tt.text)
			} else if diff := cmp.Diff(tt.want, brief(found)); diff != "" || err != nil {
				t.Errorf("%v %s", err, diff)
			}
		})
	}
}
