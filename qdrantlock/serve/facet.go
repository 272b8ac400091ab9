package serve

import (
	"cmp"
	"slices"

	"github.com/qdrant/go-client/qdrant"
)

// facetHits orders by count, then by value: booleans, integers, strings.
func facetHits(counts map[any]uint64, limit int) []*qdrant.FacetHit {
	values := make([]any, 0, len(counts))
	for v := range counts {
		values = append(values, v)
	}
	slices.SortFunc(values, func(a, b any) int {
		if c := cmp.Compare(counts[b], counts[a]); c != 0 {
			return c
		}
		return compareFacets(a, b)
	})
	hits := make([]*qdrant.FacetHit, 0, min(limit, len(values)))
	for _, v := range values[:min(limit, len(values))] {
		hits = append(hits, &qdrant.FacetHit{Value: facetValue(v), Count: counts[v]})
	}
	return hits
}

func compareFacets(a, b any) int {
	if c := cmp.Compare(facetRank(a), facetRank(b)); c != 0 {
		return c
	}
	switch a := a.(type) {
	case int64:
		return cmp.Compare(a, b.(int64))
	case string:
		return cmp.Compare(a, b.(string))
	}
	if a == b {
		return 0
	}
	if a == false {
		return -1
	}
	return 1
}

func facetRank(v any) int {
	switch v.(type) {
	case bool:
		return 0
	case int64:
		return 1
	}
	return 2
}

func facetValue(v any) *qdrant.FacetValue {
	switch v := v.(type) {
	case bool:
		return &qdrant.FacetValue{Variant: &qdrant.FacetValue_BoolValue{BoolValue: v}}
	case int64:
		return &qdrant.FacetValue{Variant: &qdrant.FacetValue_IntegerValue{IntegerValue: v}}
	}
	return &qdrant.FacetValue{Variant: &qdrant.FacetValue_StringValue{StringValue: v.(string)}}
}
