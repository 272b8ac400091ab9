package limits

import "time"

// window counts what happened in the last 60 seconds, second by second.
type window struct {
	counts [60]int
	last   int64 // unix second of the newest count
}

func (w *window) add(now time.Time, n int) {
	w.advance(now)
	w.counts[w.last%60] += n
}

func (w *window) sum(now time.Time) int {
	w.advance(now)
	total := 0
	for _, n := range w.counts {
		total += n
	}
	return total
}

// recent is what was counted in this second and the last.
func (w *window) recent(now time.Time) float64 {
	w.advance(now)
	return float64(w.counts[w.last%60] + w.counts[(w.last+59)%60])
}

func (w *window) advance(now time.Time) {
	second := now.Unix()
	for s := max(w.last+1, second-59); s <= second; s++ {
		w.counts[s%60] = 0
	}
	w.last = max(w.last, second)
}
