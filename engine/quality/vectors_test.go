package quality_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/quality"
)

func TestNearVectors(t *testing.T) {
	vectors := [][]float32{{1, 0}, {0, 1}, {2, 0.1}, nil, {0, 0}, {-1, 0}, {0.05, 3}, {1, 1}}
	var got [][2]int
	for _, d := range quality.NearVectors(vectors, 0.95) {
		got = append(got, [2]int{d.Index, d.Of})
		if d.Similarity < 0.95 || d.Similarity > 1.00001 {
			t.Errorf("%+v", d)
		}
	}
	if diff := cmp.Diff([][2]int{{2, 0}, {6, 1}}, got); diff != "" {
		t.Error(diff)
	}
}

// n different ones count as n, n equal ones as one, m pairs as m.
func TestVendi(t *testing.T) {
	axes := func(n int) (out [][]float32) {
		for i := range n {
			v := make([]float32, n)
			v[i] = float32(i + 1)
			out = append(out, v)
		}
		return out
	}
	for name, c := range map[string]struct {
		vectors  [][]float32
		want     float64
		compared int
	}{
		"different": {axes(12), 12, 12},
		"equal":     {[][]float32{{1, 2}, {1, 2}, {2, 4}}, 1, 3},
		"pairs":     {append(axes(5), axes(5)...), 5, 10},
		"none":      {nil, 0, 0},
		"zeros":     {[][]float32{{0, 0}}, 0, 0},
		// eigenvalues of [[1, .5], [.5, 1]] / 2 are .75 and .25
		"half alike": {[][]float32{{1, 0}, {0.5, float32(math.Sqrt(3) / 2)}}, math.Exp(-.75*math.Log(.75) - .25*math.Log(.25)), 2},
	} {
		got, compared := quality.Vendi(c.vectors)
		if math.Abs(got-c.want) > 1e-5 || compared != c.compared {
			t.Errorf("%s: %v of %d, want %v of %d", name, got, compared, c.want, c.compared)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var many [][]float32
	for range 1200 {
		v := make([]float32, 32)
		for i := range v {
			v[i] = float32(rng.NormFloat64())
		}
		many = append(many, v)
	}
	if got, compared := quality.Vendi(many); compared != 400 || got < 20 || got > 32 {
		t.Errorf("%v of %d", got, compared)
	}
}
