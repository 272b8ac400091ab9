package quality

import (
	"math"

	"github.com/viterin/vek/vek32"
	"gonum.org/v1/gonum/mat"
)

// NearVectors goes through the vectors in order and names every one whose cosine
// to an earlier one that was kept is at least least; Similarity is that cosine.
// Vectors are of one size; a zero or nil one is near nothing. It takes time with
// the square of their number: some seconds for 5,000.
func NearVectors(vectors [][]float32, least float64) []Duplicate {
	unit := units(vectors)
	var found []Duplicate
	var kept []int
	for i, v := range unit {
		if v == nil {
			continue
		}
		best, cosine := noDuplicate, float32(least)
		for _, k := range kept {
			if c := vek32.Dot(v, unit[k]); c >= cosine {
				best, cosine = k, c
			}
		}
		if best == noDuplicate {
			kept = append(kept, i)
		} else {
			found = append(found, Duplicate{Index: i, Of: best, Similarity: float64(cosine)})
		}
	}
	return found
}

func units(vectors [][]float32) [][]float32 {
	out := make([][]float32, len(vectors))
	for i, v := range vectors {
		length := float32(0)
		if len(v) > 0 {
			length = float32(math.Sqrt(float64(vek32.Dot(v, v)))) // vek32.Norm estimates the root
		}
		if length > 0 {
			out[i] = vek32.DivNumber(v, length)
		}
	}
	return out
}

// Vendi is the effective number of different vectors, 1 … n: the exponential of
// the entropy of the eigenvalues of their cosines' matrix over n (D. Friedman and
// A. B. Dieng, arXiv 2210.02410). Of more than 500 every k-th is looked at;
// compared says how many that were. 0 without vectors.
func Vendi(vectors [][]float32) (score float64, compared int) {
	step := max(1, (len(vectors)+diversitySample-1)/diversitySample)
	var chosen [][]float32
	for i := 0; i < len(vectors); i += step {
		if v := units(vectors[i : i+1])[0]; v != nil {
			chosen = append(chosen, v)
		}
	}
	n := len(chosen)
	if n == 0 {
		return 0, 0
	}
	k := mat.NewSymDense(n, nil)
	for i := range chosen {
		for j := i; j < n; j++ {
			k.SetSym(i, j, float64(vek32.Dot(chosen[i], chosen[j]))/float64(n))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(k, false) {
		return 0, n
	}
	entropy := 0.0
	for _, l := range eigen.Values(nil) {
		if l > 1e-12 {
			entropy -= l * math.Log(l)
		}
	}
	return math.Exp(entropy), n
}
