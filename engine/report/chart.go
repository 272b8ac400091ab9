package report

import (
	"fmt"
	"math"

	"qgen-sidecar/engine/verdict"
)

// chart is an SVG of intervals on one axis: the template draws it.
type chart struct {
	Label string // for readers that do not see it
	Ticks []tick
	Marks []mark
}

type tick struct {
	X     float64
	Label string
	Zero  bool
}

type mark struct {
	Name, Value    string
	Y, Low, Hi, At float64
	Class          string
}

const (
	chartLeft  = 20.0 // axis in the SVG's units
	chartWidth = 600.0
)

func ratesChart(old, new rate) *chart {
	if !old.Known || !new.Known {
		return nil
	}
	x := func(percent float64) float64 { return round(chartLeft + chartWidth*percent/100) }
	c := &chart{Label: fmt.Sprintf("Success rates with 95 %% intervals. Baseline: %s. Optimised: %s.", old, new)}
	for p := 0.0; p <= 100; p += 20 {
		c.Ticks = append(c.Ticks, tick{X: x(p), Label: fmt.Sprintf("%.0f %%", p)})
	}
	for i, r := range []rate{old, new} {
		c.Marks = append(c.Marks, mark{
			Name: []string{"baseline", "optimised"}[i], Value: fmt.Sprintf("%.0f %%", r.Score), Class: []string{"old", "new"}[i],
			Y: 22 + 34*float64(i), Low: x(r.Low), Hi: x(r.Hi), At: x(r.Score),
		})
	}
	return c
}

// intervalChart's axis reaches as far as the interval, at least ±20 points.
func intervalChart(d verdict.Difference) *chart {
	if d.Points == nil || d.CI95 == nil {
		return nil
	}
	reach := 20 * math.Ceil(max(math.Abs(d.CI95[0]), math.Abs(d.CI95[1]), 20)/20)
	x := func(points float64) float64 { return round(chartLeft + chartWidth*(points+reach)/(2*reach)) }
	c := &chart{Label: "Difference of the success rates: " + differenceText(d) + "."}
	for p := -reach; p <= reach; p += reach / 2 {
		c.Ticks = append(c.Ticks, tick{X: x(p), Label: signed(p, 0), Zero: p == 0})
	}
	c.Marks = []mark{{Name: "difference", Value: signed(*d.Points, 0) + " points", Class: d.VerdictCode,
		Y: 22, Low: x(d.CI95[0]), Hi: x(d.CI95[1]), At: x(*d.Points)}}
	return c
}

// bar is one score of the mirrored histogram; widths are percent of a half.
type bar struct {
	Score      int
	Old, New   int
	OldW, NewW float64
}

// histogram counts scores 5 to 1 on both sides; means of repeats are rounded.
func histogram(rows []Row) []bar {
	bars := make([]bar, 5)
	most := 1
	for i := range bars {
		bars[i].Score = 5 - i
	}
	for _, r := range rows {
		if s := r.Baseline.Score; s != nil {
			b := &bars[place(*s)]
			b.Old++
			most = max(most, b.Old)
		}
		if s := r.Optimized.Score; s != nil {
			b := &bars[place(*s)]
			b.New++
			most = max(most, b.New)
		}
	}
	for i := range bars {
		bars[i].OldW = round(100 * float64(bars[i].Old) / float64(most))
		bars[i].NewW = round(100 * float64(bars[i].New) / float64(most))
	}
	return bars
}

// place is a score's row in tables that run from 5 down to 1.
func place(score float64) int { return 5 - int(min(max(math.Round(score), 1), 5)) }

// cell is one pair of scores and how many questions have it.
type cell struct {
	Old, New int
	N        int
	Class    string // win, tie, loss
	Shade    int    // 0…4, of N among all cells
}

// Key is what the page's filter knows the cell by.
func (c cell) Key() string { return cellKey(c.Old, c.New) }

func cellKey(old, new int) string { return fmt.Sprintf("%d-%d", old, new) }

// cellOf is the key of a row's cell, "" without two scores.
func cellOf(r Row) string {
	if r.Baseline.Score == nil || r.Optimized.Score == nil {
		return ""
	}
	return cellKey(5-place(*r.Baseline.Score), 5-place(*r.Optimized.Score))
}

// scatter counts pairs of scores: the baseline's 5 to 1 downwards, the
// optimised's 1 to 5 to the right, as on axes; gains are at the lower right.
// Means of repeats are rounded. Nil when no question has both scores.
func scatter(rows []Row) [][]cell {
	counts, most := map[string]int{}, 1
	for _, r := range rows {
		if key := cellOf(r); key != "" {
			counts[key]++
			most = max(most, counts[key])
		}
	}
	if len(counts) == 0 {
		return nil
	}
	grid := make([][]cell, 5)
	for i := range grid {
		for new := 1; new <= 5; new++ {
			c := cell{Old: 5 - i, New: new, Class: "tie"}
			c.N = counts[c.Key()]
			c.Shade = int(math.Ceil(4 * float64(c.N) / float64(most)))
			switch {
			case c.New > c.Old:
				c.Class = "win"
			case c.New < c.Old:
				c.Class = "loss"
			}
			grid[i] = append(grid[i], c)
		}
	}
	return grid
}
