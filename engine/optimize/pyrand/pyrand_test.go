package pyrand_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/optimize/pyrand"
)

func shuffled(r *pyrand.Rand, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	r.Shuffle(n, func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func perSeed(n int, draw func(r *pyrand.Rand) int) []int {
	var out []int
	for seed := range n {
		out = append(out, draw(pyrand.New(int64(seed))))
	}
	return out
}

func twice(n, k int) [][]int {
	r := pyrand.New(0)
	return [][]int{r.Sample(n, k), r.Sample(n, k)}
}

// random is Python's random(): 53 bits of two draws.
func random(r *pyrand.Rand) float64 {
	a, b := r.GetRandBits(32)>>5, r.GetRandBits(32)>>6
	return (float64(a)*(1<<26) + float64(b)) / (1 << 53)
}

// draws are the observations of rng.json made here.
func draws() map[string]any {
	five := pyrand.New(0)
	var floats []float64
	for range 5 {
		floats = append(floats, random(five))
	}
	out := map[string]any{
		"randint(1,2) seeds 0..19":             perSeed(20, func(r *pyrand.Rand) int { return r.RandInt(1, 2) }),
		"randint(1,4) seeds 0..19":             perSeed(20, func(r *pyrand.Rand) int { return r.RandInt(1, 4) }),
		"Random(0).sample(range(70),16) twice": twice(70, 16),
		"Random(0).sample(range(68),14) twice": twice(68, 14),
		"Random(0).sample(range(20),16)":       pyrand.New(0).Sample(20, 16),
		"Random(0).random() x5":                floats,
	}
	for _, n := range []int{10, 21, 22, 70, 100} {
		for seed := range 6 {
			out[fmt.Sprintf("shuffle n=%d seed=%d", n, seed)] = shuffled(pyrand.New(int64(seed)), n)
		}
	}
	return out
}

func TestDrawsWhatPythonDraws(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "rng.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]any
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	ours, _ := json.Marshal(draws())
	var got map[string]any
	_ = json.Unmarshal(ours, &got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Observed with CPython 3.11: the edges that the fixture does not have.
func TestEdges(t *testing.T) {
	r := pyrand.New(-7)
	if a, b := random(r), random(pyrand.New(7)); a != b {
		t.Errorf("seeds -7 and 7 draw the same in Python; found %v and %v", a, b)
	}
	if got := pyrand.New(0).Sample(5, 0); len(got) != 0 {
		t.Errorf("expected nothing, found %v", got)
	}
	if got := pyrand.New(3).RandInt(4, 4); got != 4 {
		t.Errorf("expected 4, found %d", got)
	}
	seen := map[int]bool{}
	for _, v := range pyrand.New(1).Sample(1000, 300) {
		if seen[v] || v < 0 || v >= 1000 {
			t.Fatalf("%d is drawn twice or out of range", v)
		}
		seen[v] = true
	}
}

const script = `
import json, random
def r(s): return random.Random(s)
print(json.dumps([
  [r(2**40 + 5).getrandbits(k) % 2**50 for k in (1, 7, 32, 33, 50)],
  [r(s).sample(range(n), k) for s in (0, 1, -9) for n, k in ((21, 5), (22, 5), (1, 1), (277, 30), (278, 22), (84, 6), (86, 6), (1000, 300))],
  [r(s).choice(range(n)) for s in range(9) for n in (1, 2, 3, 64, 65)],
  [r(s).randint(0, 2**33) for s in range(4)],
]))`

func TestAgainstPython(t *testing.T) {
	python := os.Getenv("QGEN_TEST_PYTHON")
	if python == "" {
		t.Skip("QGEN_TEST_PYTHON is not set: no Python to compare with")
	}
	want, err := exec.Command(python, "-c", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	var bits, choices, ints []int
	var samples [][]int
	for _, k := range []int{1, 7, 32, 33, 50} {
		bits = append(bits, int(pyrand.New(1<<40+5).GetRandBits(k)))
	}
	for _, s := range []int64{0, 1, -9} {
		for _, p := range [][2]int{{21, 5}, {22, 5}, {1, 1}, {277, 30}, {278, 22}, {84, 6}, {86, 6}, {1000, 300}} {
			samples = append(samples, pyrand.New(s).Sample(p[0], p[1]))
		}
	}
	for s := range int64(9) {
		for _, n := range []int{1, 2, 3, 64, 65} {
			choices = append(choices, pyrand.New(s).Choice(n))
		}
	}
	for s := range int64(4) {
		ints = append(ints, pyrand.New(s).RandInt(0, 1<<33))
	}
	got, _ := json.Marshal([]any{bits, samples, choices, ints})
	var a, b any
	_, _ = json.Unmarshal(want, &a), json.Unmarshal(got, &b)
	if diff := cmp.Diff(a, b); diff != "" {
		t.Error(diff)
	}
}
