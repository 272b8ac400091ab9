package optimize

import (
	"slices"

	"qgen-sidecar/engine/optimize/pyrand"
)

// Which program a proposal is made from: GEPA's choice (arXiv 2507.19457,
// algorithm 2). A program that is best on some example has understood something,
// however it does on the whole; drawing among these, and not the best one alone,
// keeps the search from running into one corner.

// front has, for each dev example, the programs of the pool that did best on it.
func front(pool []*variant) [][]*variant {
	var out [][]*variant
	for i := range pool[0].scores {
		var first []*variant
		var top merit
		for _, c := range pool {
			if c.scores[i] == nil {
				continue
			}
			var m merit
			m.add(*c.scores[i])
			if len(first) == 0 || m.better(top) {
				first, top = nil, m
			}
			if m == top {
				first = append(first, c)
			}
		}
		if len(first) > 0 {
			out = append(out, first)
		}
	}
	return out
}

// undominated leaves out, the worst on the whole first, every program that is
// best nowhere but where one that is left is best too.
func undominated(pool []*variant, fronts [][]*variant) []*variant {
	left := slices.Clone(pool)
	worstFirst := slices.Clone(pool)
	slices.SortStableFunc(worstFirst, func(a, b *variant) int {
		switch {
		case a.merit().better(b.merit()):
			return 1
		case b.merit().better(a.merit()):
			return -1
		}
		return 0
	})
	for _, c := range worstFirst {
		others := slices.DeleteFunc(slices.Clone(left), func(o *variant) bool { return o == c })
		needed := slices.ContainsFunc(fronts, func(first []*variant) bool {
			return slices.Contains(first, c) && !slices.ContainsFunc(first, func(o *variant) bool { return slices.Contains(others, o) })
		})
		if !needed && len(others) > 0 {
			left = others
		}
	}
	return left
}

// drawParent draws among the programs that are not dominated, each as often as
// there are examples on which it is best.
func drawParent(rng *pyrand.Rand, pool []*variant) *variant {
	fronts := front(pool)
	var tickets []*variant
	for _, c := range undominated(pool, fronts) {
		for _, first := range fronts {
			if slices.Contains(first, c) {
				tickets = append(tickets, c)
			}
		}
	}
	if len(tickets) == 0 { // nothing was answered
		return pool[0]
	}
	return tickets[rng.Choice(len(tickets))]
}
