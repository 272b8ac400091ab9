package folder

import (
	"fmt"
	"math"
	"sort"
)

// checkVector refuses what a collection cannot hold. One such row would keep
// the Python client from opening the whole folder.
func checkVector(v Vector, params VectorParams) error {
	switch {
	case v.Sparse != nil:
		return fmt.Errorf("expected a dense vector, found a sparse one")
	case params.Multi:
		return checkMulti(v, params.Size)
	case v.Multi != nil:
		return fmt.Errorf("expected one vector, found a multivector")
	}
	return checkNumbers(v.Dense, params.Size)
}

func checkMulti(v Vector, size int) error {
	if len(v.Multi) == 0 {
		return fmt.Errorf("expected a multivector of one row at least, found none")
	}
	for _, row := range v.Multi {
		if err := checkNumbers(row, size); err != nil {
			return err
		}
	}
	return nil
}

func checkNumbers(numbers []float64, size int) error {
	if len(numbers) != size {
		return fmt.Errorf("expected %d numbers, found %d", size, len(numbers))
	}
	for _, n := range numbers {
		if math.IsNaN(n) {
			return fmt.Errorf("a number is NaN")
		}
	}
	return nil
}

// checkSparse wants ascending indices, each once.
func checkSparse(s *Sparse) error {
	if len(s.Indices) != len(s.Values) {
		return fmt.Errorf("%d indices but %d values", len(s.Indices), len(s.Values))
	}
	for i, value := range s.Values {
		if i > 0 && s.Indices[i] <= s.Indices[i-1] {
			return fmt.Errorf("index %d after %d: expected ascending indices, each once", s.Indices[i], s.Indices[i-1])
		}
		if math.IsNaN(value) {
			return fmt.Errorf("a number is NaN")
		}
	}
	return nil
}

// checkPoint refuses a point that the collection, or the Python client, could
// not read back.
func checkPoint(p Point, cfg CollectionConfig) error {
	if id, ok := canonicalUUID(p.ID.UUID); p.ID.UUID != "" && (!ok || id != p.ID.UUID) {
		return fmt.Errorf("id %.60q: expected a lower-case hyphenated UUID", p.ID.UUID)
	}
	for name, v := range p.Vectors {
		if err := checkNamed(name, v, cfg); err != nil {
			return fmt.Errorf("point %s, vector %q: %w", p.ID, name, err)
		}
	}
	return nil
}

func checkNamed(name string, v Vector, cfg CollectionConfig) error {
	if params, dense := cfg.Vectors[name]; dense {
		return checkVector(v, params)
	}
	if _, sparse := cfg.Sparse[name]; !sparse {
		return fmt.Errorf("the collection has no vector of this name")
	}
	if v.Sparse == nil {
		return fmt.Errorf("expected a sparse vector, found a dense one")
	}
	return checkSparse(v.Sparse)
}

// order sorts by index; clients before 1.7 did not.
func (s *Sparse) order() {
	if !sort.SliceIsSorted(s.Indices, func(i, j int) bool { return s.Indices[i] < s.Indices[j] }) {
		values := append([]float64(nil), s.Values...)
		s.Values = values
		sort.Sort((*byIndex)(s))
	}
}

type byIndex Sparse

func (s *byIndex) Len() int           { return len(s.Indices) }
func (s *byIndex) Less(i, j int) bool { return s.Indices[i] < s.Indices[j] }
func (s *byIndex) Swap(i, j int) {
	s.Indices[i], s.Indices[j] = s.Indices[j], s.Indices[i]
	s.Values[i], s.Values[j] = s.Values[j], s.Values[i]
}
