package serve

import (
	"cmp"
	"math"
	"slices"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/qdrantlock/folder"
)

// rankConstant is Qdrant's k of reciprocal rank fusion.
const rankConstant = 2

// fuse merges the prefetches' results by rank (RRF) or by score (DBSF). Unlike
// a search's, this threshold lets an equal score through.
func fuse(st *stage, sources [][]scored) ([]scored, error) {
	var scores map[folder.ID]float64
	switch q := st.query.GetVariant().(type) {
	case *qdrant.Query_Rrf:
		k := uint32(rankConstant)
		if q.Rrf.K != nil {
			k = q.Rrf.GetK()
		}
		if n := len(q.Rrf.GetWeights()); n > 0 && n != len(sources) {
			return nil, invalidf("rrf.weights: expected %d, one for each prefetch, found %d", len(sources), n)
		}
		scores = byRank(sources, float64(k), q.Rrf.GetWeights())
	case *qdrant.Query_Fusion:
		if q.Fusion == qdrant.Fusion_DBSF {
			scores = byScore(sources)
		} else {
			scores = byRank(sources, rankConstant, nil)
		}
	}
	out := make([]scored, 0, len(scores))
	for id, score := range scores {
		if st.threshold == nil || float32(score) >= *st.threshold {
			out = append(out, scored{id: id, score: float32(score)})
		}
	}
	slices.SortFunc(out, compareScored)
	return out[:min(st.limit+st.offset, len(out))], nil
}

func compareScored(a, b scored) int {
	if c := cmp.Compare(b.score, a.score); c != 0 {
		return c
	}
	return a.id.Compare(b.id)
}

// byRank sums w/(rank + w(k-1)), rank counting from 1.
func byRank(sources [][]scored, k float64, weights []float32) map[folder.ID]float64 {
	scores := map[folder.ID]float64{}
	for i, hits := range sources {
		weight := 1.0
		if len(weights) > 0 {
			weight = float64(weights[i])
		}
		for rank, h := range hits {
			if weight > 0 {
				scores[h.id] += 1 / (float64(rank+1)/weight + k - 1)
			} else {
				scores[h.id] += 0
			}
		}
	}
	return scores
}

// byScore scales each source so that mean ± 3 standard deviations becomes
// 0…1, and sums (distribution-based score fusion).
func byScore(sources [][]scored) map[folder.ID]float64 {
	scores := map[folder.ID]float64{}
	for _, hits := range sources {
		mean, deviation := distribution(hits)
		for _, h := range hits {
			if deviation == 0 {
				scores[h.id] += 0.5
			} else {
				scores[h.id] += (float64(h.score) - mean + 3*deviation) / (6 * deviation)
			}
		}
	}
	return scores
}

// distribution is the mean and the sample standard deviation, 0 for one hit.
func distribution(hits []scored) (mean, deviation float64) {
	for _, h := range hits {
		mean += float64(h.score) / float64(len(hits))
	}
	for _, h := range hits {
		deviation += (float64(h.score) - mean) * (float64(h.score) - mean)
	}
	if len(hits) < 2 {
		return mean, 0
	}
	return mean, math.Sqrt(deviation / float64(len(hits)-1))
}
