// Package vectors compares embeddings, and looks whether they are any.
package vectors

import (
	"fmt"
	"math"
)

// CheckFinite is an error that names the first number that is none, or infinite.
func CheckFinite(v []float32) error {
	for i, x := range v {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return fmt.Errorf("expected finite numbers, found %v at %d", x, i)
		}
	}
	return nil
}

// Cosine similarity, -1…1; 0 when one vector is zero or the sizes differ.
func Cosine(a, b []float32) float64 {
	if len(a) != len(b) {
		return 0
	}
	var ab, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}
