package points_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/qdrantlock/folder"
	"qgen-sidecar/qdrantlock/points"
	"qgen-sidecar/qdrantlock/points/pointstest"
)

// show prints a payload with sorted keys.
func show(v any) string {
	switch v := v.(type) {
	case map[string]any:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, k+":"+show(v[k]))
		}
		return "{" + strings.Join(parts, " ") + "}"
	case []any:
		var parts []string
		for _, x := range v {
			parts = append(parts, show(x))
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	return fmt.Sprint(v)
}

func memory(distance string) *pointstest.Memory {
	return pointstest.NewMemory("c", folder.CollectionConfig{Vectors: map[string]folder.VectorParams{"": {Size: 4, Distance: distance}}})
}

func row(id uint64, v ...float64) folder.Point {
	return folder.Point{ID: folder.ID{Num: id}, Vectors: map[string]folder.Vector{"": {Dense: v}}, Payload: map[string]any{"id": int64(id)}}
}

func put(t *testing.T, c *points.Collection, rows ...folder.Point) {
	t.Helper()
	err := c.Update(t.Context(), nil, func(tx *points.Tx) error {
		for _, p := range rows {
			tx.Put(p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func search(t *testing.T, c *points.Collection, q points.Search) []points.Hit {
	t.Helper()
	var hits []points.Hit
	err := c.View(t.Context(), true, []*points.Filter{q.Filter}, func(v *points.View) (err error) {
		hits, err = v.Search(q)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hits
}

// TestMemoryFollowsTheSource changes points at random through a collection
// that has everything loaded, and compares it with one that reads anew.
func TestMemoryFollowsTheSource(t *testing.T) {
	const seed = 11
	rng := rand.New(rand.NewPCG(seed, 0))
	src := memory(points.Cosine)
	c := points.New(src)
	vector := points.Vector{Dense: []float32{1, 2, 3, 4}}
	state := func(c *points.Collection) (lines []string) {
		query := points.Search{Query: points.Nearest{Vector: vector}, Limit: 1000}
		for _, h := range search(t, c, query) {
			lines = append(lines, fmt.Sprintf("%s %.5f", h.ID.String(), h.Score))
		}
		err := c.View(t.Context(), true, []*points.Filter{points.AllPayloads}, func(v *points.View) error {
			page, _, err := v.Scroll(nil, nil, 1000, points.Fetch{Vectors: true})
			for _, r := range page {
				lines = append(lines, fmt.Sprintf("%s %s %.5f", r.ID.String(), show(r.Payload), r.Vectors[""].Dense))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return lines
	}
	for step := range 60 {
		err := c.Update(t.Context(), nil, func(tx *points.Tx) error {
			for range rng.IntN(8) {
				id := folder.ID{Num: rng.Uint64N(40)}
				if rng.IntN(3) == 0 {
					id = folder.ID{UUID: fmt.Sprintf("00000000-0000-4000-8000-%012d", id.Num)}
				}
				switch p := row(id.Num, rng.Float64(), rng.Float64(), rng.Float64(), rng.Float64()); rng.IntN(4) {
				case 0:
					tx.Delete(id)
				case 1:
					p.ID, p.Vectors = id, nil
					tx.Put(p)
				default:
					p.ID, p.Payload = id, map[string]any{"step": int64(step)}
					tx.Put(p)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(state(points.New(src)), state(c)); d != "" {
			t.Fatalf("seed %d, step %d: memory differs from the source (-source +memory):\n%s", seed, step, d)
		}
	}
}

// TestSearchIsExact compares the parallel scan with a plain sort.
func TestSearchIsExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 0))
	for _, distance := range []string{points.Cosine, points.Dot, points.Euclid, points.Manhattan} {
		src := memory(distance)
		var rows []folder.Point
		for id := range uint64(3000) {
			rows = append(rows, row(id, rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64()))
		}
		c := points.New(src)
		put(t, c, rows...)
		ascending := distance == points.Euclid || distance == points.Manhattan
		nearest := points.Nearest{Vector: points.Vector{Dense: []float32{.5, -.5, .25, 1}}}
		whole := search(t, c, points.Search{Query: nearest, Limit: 3000})
		if !slices.IsSortedFunc(whole, func(a, b points.Hit) int {
			if ascending == (a.Score < b.Score) && a.Score != b.Score {
				return -1
			}
			return 1
		}) || len(whole) != 3000 {
			t.Errorf("%s: %d hits, not in order", distance, len(whole))
		}
		page := search(t, c, points.Search{Query: nearest, Limit: 7, Offset: 5})
		if d := cmp.Diff(whole[5:12], page); d != "" {
			t.Errorf("%s: %s", distance, d)
		}
		threshold := whole[20].Score
		strict := search(t, c, points.Search{Query: nearest, Limit: 3000, Threshold: &threshold})
		if d := cmp.Diff(whole[:20], strict); d != "" {
			t.Errorf("%s, threshold: %s", distance, d)
		}
	}
}

func TestFailedUpdateIsForgotten(t *testing.T) {
	src := memory(points.Dot)
	c := points.New(src)
	put(t, c, row(1, 1, 0, 0, 0))
	count := func() (n int) {
		if err := c.View(t.Context(), false, nil, func(v *points.View) error { n = v.Len(); return nil }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	broken := errors.New("disk full")
	src.FailWrites(broken)
	err := c.Update(t.Context(), nil, func(tx *points.Tx) error { tx.Put(row(2, 1, 0, 0, 0)); return nil })
	if !errors.Is(err, broken) || count() != 1 {
		t.Errorf("after a failed write: %v, %d points", err, count())
	}
	src.FailWrites(nil)
	refused := errors.New("refused")
	err = c.Update(t.Context(), nil, func(tx *points.Tx) error { tx.Delete(folder.ID{Num: 1}); return refused })
	if err != refused || count() != 1 || src.Batches() != 1 {
		t.Errorf("after a refusal: %v, %d points, %d batches", err, count(), src.Batches())
	}
}

func TestClosedCollection(t *testing.T) {
	c := points.New(memory(points.Dot))
	c.Close()
	var gone *points.Error
	err := c.View(t.Context(), true, nil, func(*points.View) error { return nil })
	if !errors.As(err, &gone) || gone.Kind != points.NotFound {
		t.Errorf("view: %v", err)
	}
	err = c.Update(t.Context(), nil, func(*points.Tx) error { return nil })
	if !errors.As(err, &gone) || gone.Kind != points.NotFound {
		t.Errorf("update: %v", err)
	}
}

func TestSearchEndsWithItsContext(t *testing.T) {
	c := points.New(memory(points.Dot))
	put(t, c, row(1, 1, 0, 0, 0))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := c.View(ctx, true, nil, func(v *points.View) error {
		_, err := v.Search(points.Search{Query: points.Nearest{Vector: points.Vector{Dense: []float32{1, 0, 0, 0}}}, Limit: 1})
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("found %v", err)
	}
}

func TestScrollByValues(t *testing.T) {
	c := points.New(memory(points.Dot))
	values := map[uint64]any{1: int64(3), 2: 2.5, 3: []any{int64(1), 1.0, int64(9)}, 4: true, 5: "1970-01-01T00:00:00.000004Z", 6: "x"}
	for id, v := range values {
		p := row(id, 0, 0, 0, 1)
		p.Payload = map[string]any{"k": v}
		put(t, c, p)
	}
	path, err := points.ParsePath("k")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		order points.OrderBy
		limit int
		want  string
	}{
		{points.OrderBy{Path: path}, 9, "3:1 2:2.5 1:3 5:4 3:9"},
		{points.OrderBy{Path: path, Descending: true, From: int64(4)}, 3, "5:4 1:3 2:2.5"},
	}
	for _, tt := range tests {
		var got []string
		err := c.View(t.Context(), false, []*points.Filter{points.AllPayloads}, func(v *points.View) error {
			page, err := v.ScrollBy(nil, tt.order, tt.limit, points.Fetch{Payload: points.NoPayload})
			for _, r := range page {
				got = append(got, fmt.Sprintf("%s:%v", r.ID.String(), r.Order))
			}
			return err
		})
		if err != nil || strings.Join(got, " ") != tt.want {
			t.Errorf("expected %s, found %v, %v", tt.want, got, err)
		}
	}
}
