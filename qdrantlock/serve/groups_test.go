package serve_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/qdrant/go-client/qdrant"
)

func TestGroupsFacetsMatrixAndVariety(t *testing.T) {
	c, _ := start(t)
	ctx := t.Context()
	create(t, c, "c", qdrant.Distance_Dot)
	create(t, c, "names", qdrant.Distance_Dot)
	upsert(t, c, "names", point(7, 1, 0, map[string]any{"name": "seven"}))
	upsert(t, c, "c",
		point(1, 5, 0, map[string]any{"g": 7}), point(2, 4.9, 0, map[string]any{"g": []any{7, "x"}}),
		point(3, 3, 4, map[string]any{"g": "x"}), point(4, 1, 0, map[string]any{"g": true}), point(5, 0.5, 0, nil))

	groups, err := c.QueryGroups(ctx, &qdrant.QueryPointGroups{
		CollectionName: "c", Query: qdrant.NewQuery(1, 0), GroupBy: "g", GroupSize: qdrant.PtrOf(uint64(1)),
		WithLookup: &qdrant.WithLookup{Collection: "names"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range groups {
		got = append(got, fmt.Sprintf("%d%s:%d,%s", g.GetId().GetUnsignedValue(), g.GetId().GetStringValue(),
			g.GetHits()[0].GetId().GetNum(), g.GetLookup().GetPayload()["name"].GetStringValue()))
	}
	if text := strings.Join(got, " "); text != "7:1,seven 0x:2," {
		t.Errorf("groups: %s", text)
	}

	facets, err := c.Facet(ctx, &qdrant.FacetCounts{CollectionName: "c", Key: "g"})
	if err != nil || len(facets) != 3 || facets[0].GetValue().GetIntegerValue() != 7 || facets[0].GetCount() != 2 {
		t.Errorf("facets: %v, %v", facets, err)
	}

	pairs, err := c.GetPointsClient().SearchMatrixPairs(ctx, &qdrant.SearchMatrixPoints{CollectionName: "c", Sample: qdrant.PtrOf(uint64(5)), Limit: qdrant.PtrOf(uint64(1))})
	if err != nil || len(pairs.GetResult().GetPairs()) != 5 || pairs.GetResult().GetPairs()[0].GetB().GetNum() != 2 {
		t.Errorf("matrix: %v, %v", pairs, err)
	}

	hits, err := c.Query(ctx, &qdrant.QueryPoints{
		CollectionName: "c", Limit: qdrant.PtrOf(uint64(2)),
		Query: qdrant.NewQueryMMR(qdrant.NewVectorInput(1, 0), &qdrant.Mmr{Diversity: qdrant.PtrOf(float32(0.5)), CandidatesLimit: qdrant.PtrOf(uint32(10))}),
	})
	// the nearest, then what is least like it
	if err != nil || len(hits) != 2 || hits[0].GetId().GetNum() != 1 || hits[1].GetId().GetNum() != 5 {
		t.Errorf("mmr: %v, %v", hits, err)
	}
}
