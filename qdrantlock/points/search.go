package points

import (
	"cmp"
	"container/heap"
	"slices"

	"qgen-sidecar/qdrantlock/folder"
)

// Search is one exact search. The View must have been asked for vectors.
type Search struct {
	Using     string // vector name; "" the unnamed one
	Query     Query
	Filter    *Filter
	Exclude   map[folder.ID]bool // ids the query was made of
	Limit     int
	Offset    int
	Threshold *float32 // strict: an equal score is left out
}

// Hit is one result.
type Hit struct {
	ID    folder.ID
	Score float32
}

// Query is what points are compared with: Nearest, Recommend, Discover or
// Context.
type Query interface {
	// scorer prepares the query for one store of the View.
	scorer(v *View, name string, s store) (scorer, error)
}

// scorer gives a slot's score, or false if the slot can be no result.
type scorer struct {
	score     func(slot int) (float32, bool)
	ascending bool
}

// Search returns the best points, best first.
func (v *View) Search(q Search) ([]Hit, error) {
	s, ok := v.st.vectors[q.Using]
	if !ok {
		return nil, noVector(q.Using)
	}
	sc, err := q.Query.scorer(v, q.Using, s)
	if err != nil {
		return nil, err
	}
	slots, err := v.matching(q.Filter, v.st.order)
	if err != nil {
		return nil, err
	}
	keep := q.Limit + q.Offset
	parts := parallel(len(slots), 512, func(from, to int) []Hit {
		return v.scan(slots[from:to], s, sc, q, keep)
	})
	hits := slices.Concat(parts...)
	slices.SortFunc(hits, func(a, b Hit) int { return compareHits(a, b, sc.ascending) })
	hits = hits[:min(keep, len(hits))]
	return hits[min(q.Offset, len(hits)):], v.ctx.Err()
}

// scan keeps the best of some slots, in a heap whose top is the worst kept.
func (v *View) scan(slots []int, s store, sc scorer, q Search, keep int) []Hit {
	best := &hitHeap{ascending: sc.ascending}
	for i, slot := range slots {
		if i%4096 == 0 && v.ctx.Err() != nil {
			break
		}
		if !s.has(slot) {
			continue
		}
		score, ok := sc.score(slot)
		if !ok || q.Threshold != nil && !better(score, *q.Threshold, sc.ascending) {
			continue
		}
		hit := Hit{v.st.ids[slot], score}
		if q.Exclude[hit.ID] {
			continue
		}
		best.offer(hit, keep)
	}
	return best.hits
}

func better(a, b float32, ascending bool) bool {
	if ascending {
		return a < b
	}
	return a > b
}

// compareHits puts better scores first, equal ones in id order, NaN last.
func compareHits(a, b Hit, ascending bool) int {
	x, y := a.Score, b.Score
	if !ascending {
		x, y = -x, -y
	}
	if (x != x) != (y != y) {
		if x != x {
			return 1
		}
		return -1
	}
	if c := cmp.Compare(x, y); c != 0 {
		return c
	}
	return a.ID.Compare(b.ID)
}

type hitHeap struct {
	hits      []Hit
	ascending bool
}

func (h *hitHeap) offer(hit Hit, keep int) {
	switch {
	case len(h.hits) < keep:
		heap.Push(h, hit)
	case keep > 0 && compareHits(hit, h.hits[0], h.ascending) < 0:
		h.hits[0] = hit
		heap.Fix(h, 0)
	}
}

func (h *hitHeap) Len() int           { return len(h.hits) }
func (h *hitHeap) Less(i, j int) bool { return compareHits(h.hits[i], h.hits[j], h.ascending) > 0 }
func (h *hitHeap) Swap(i, j int)      { h.hits[i], h.hits[j] = h.hits[j], h.hits[i] }
func (h *hitHeap) Push(x any)         { h.hits = append(h.hits, x.(Hit)) }
func (h *hitHeap) Pop() any {
	last := h.hits[len(h.hits)-1]
	h.hits = h.hits[:len(h.hits)-1]
	return last
}
