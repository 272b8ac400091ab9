package points

// MMR is a nearest search whose results are picked for being near the query
// and unlike each other: maximal marginal relevance, Carbonell and Goldstein
// 1998.
type MMR struct {
	Vector     Vector
	Diversity  float32 // 0: relevance only … 1: variety only
	Candidates int     // how many nearest points to pick from
}

// Diversify runs q with its Query replaced by m's vector, and re-orders. The
// scores stay those of the search.
func (v *View) Diversify(q Search, m MMR) ([]Hit, error) {
	if m.Diversity < 0 || m.Diversity > 1 {
		return nil, invalidf("mmr.diversity: expected 0 to 1, found %v", m.Diversity)
	}
	wanted, offset := q.Limit+q.Offset, q.Offset
	q.Query, q.Limit, q.Offset = Nearest{Vector: m.Vector}, m.Candidates, 0
	hits, err := v.Search(q)
	if err != nil || len(hits) == 0 {
		return nil, err
	}
	picked, err := v.pick(hits, m, q.Using, min(wanted, len(hits)))
	return picked[min(offset, len(picked)):], err
}

// candidate is a point that may be picked next.
type candidate struct {
	hit       Hit
	slot      int
	relevance float32
	// similar compares the candidate, as the query, with picked points: between
	// multivectors the direction matters.
	similar similarity
	closest float32 // to any picked point
}

func (v *View) pick(hits []Hit, m MMR, using string, count int) ([]Hit, error) {
	pending, err := v.candidates(hits, m.Vector, using)
	if err != nil {
		return nil, err
	}
	var picked []Hit
	for len(picked) < count && v.ctx.Err() == nil {
		best, bestScore := 0, float32(0)
		for i, c := range pending {
			score := c.relevance
			if len(picked) > 0 {
				score = (1-m.Diversity)*score - m.Diversity*c.closest
			}
			if i == 0 || score >= bestScore {
				best, bestScore = i, score
			}
		}
		choice, last := pending[best], len(pending)-1
		pending[best] = pending[last]
		pending = pending[:last]
		for i := range pending {
			score, _ := pending[i].similar(choice.slot)
			if len(picked) == 0 || score > pending[i].closest {
				pending[i].closest = score
			}
		}
		picked = append(picked, choice.hit)
	}
	return picked, v.ctx.Err()
}

func (v *View) candidates(hits []Hit, query Vector, using string) ([]candidate, error) {
	s := v.st.vectors[using]
	relevance, err := v.unweighted(query, using, s)
	if err != nil {
		return nil, err
	}
	out := make([]candidate, len(hits))
	for i, h := range hits {
		slot, _ := v.st.slot(h.ID)
		out[i] = candidate{hit: h, slot: slot}
		out[i].relevance, _ = relevance(slot)
		if out[i].similar, err = v.unweighted(s.get(slot), using, s); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// unweighted is similarTo without the inverse document frequency.
func (v *View) unweighted(query Vector, name string, s store) (similarity, error) {
	if sparse, ok := s.(*sparseStore); ok && query.Sparse != nil {
		return func(slot int) (float32, bool) { return sparseDot(query.Sparse, sparse.rows[slot]) }, nil
	}
	return v.similarTo(query, name, s)
}
