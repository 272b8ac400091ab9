package points

import (
	"math"
	"slices"
	"sync"

	"github.com/viterin/vek/vek32"
)

// similarity compares a query vector with a slot, bigger being nearer: the
// cosine or dot product, the negated squared distance (Euclid), the negated
// distance (Manhattan). overlap is false where a sparse vector shares no index.
type similarity func(slot int) (score float32, overlap bool)

// similarTo checks the query vector against the store's kind and size.
func (v *View) similarTo(query Vector, name string, s store) (similarity, error) {
	if err := CheckQuery(query); err != nil {
		return nil, err
	}
	switch s := s.(type) {
	case *denseStore:
		if query.Dense == nil {
			return nil, invalidf("vector %q is dense; the query is not", name)
		}
		if err := checkSize(len(query.Dense), s.size); err != nil {
			return nil, err
		}
		compare := pairwise(s.distance)
		q := unit(query.Dense, s.distance)
		return func(slot int) (float32, bool) { return compare(q, s.row(slot)), true }, nil
	case *multiStore:
		return s.similarTo(query, name)
	case *sparseStore:
		if query.Sparse == nil {
			return nil, invalidf("vector %q is sparse; the query is not", name)
		}
		q := v.weighted(query.Sparse, s)
		return func(slot int) (float32, bool) { return sparseDot(q, s.rows[slot]) }, nil
	}
	return nil, noVector(name)
}

// similarTo sums, over the query's rows, the best similarity of the point's
// rows (max_sim). A dense query is one row.
func (s *multiStore) similarTo(query Vector, name string) (similarity, error) {
	rows := query.Multi
	if query.Dense != nil {
		rows = [][]float32{query.Dense}
	}
	if rows == nil {
		return nil, invalidf("vector %q is a multivector; the query is sparse", name)
	}
	units := make([][]float32, len(rows))
	for i, row := range rows {
		if err := checkSize(len(row), s.size); err != nil {
			return nil, err
		}
		units[i] = unit(row, s.distance)
	}
	compare := pairwise(s.distance)
	return func(slot int) (float32, bool) {
		var sum float32
		for _, q := range units {
			best := float32(math.Inf(-1))
			for _, row := range s.rows[slot] {
				best = max(best, compare(q, row))
			}
			sum += best
		}
		return sum, true
	}, nil
}

func pairwise(distance string) func(a, b []float32) float32 {
	switch distance {
	case Euclid:
		return negatedSquare
	case Manhattan:
		return func(a, b []float32) float32 { return -vek32.ManhattanDistance(a, b) }
	}
	return vek32.Dot
}

// differences are scratch space for negatedSquare.
var differences = sync.Pool{New: func() any { return new([]float32) }}

// negatedSquare is the negated squared Euclidean distance. vek32.Distance takes the
// root by an estimate that differs from processor to processor, so that a point at
// exactly the threshold would be within it on one machine and not on another.
func negatedSquare(a, b []float32) float32 {
	space := differences.Get().(*[]float32)
	defer differences.Put(space)
	if cap(*space) < len(a) {
		*space = make([]float32, len(a))
	}
	d := vek32.Sub_Into((*space)[:len(a)], a, b)
	return -vek32.Dot(d, d)
}

// unit is a query vector as rows are stored.
func unit(v []float32, distance string) []float32 {
	n := norm64(v)
	if distance != Cosine || n == 0 {
		return v
	}
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(float64(x) / n)
	}
	return out
}

// CheckQuery refuses empty vectors and NaN, and sorts nothing: a sparse query
// must come sorted from SortSparse.
func CheckQuery(v Vector) error {
	switch {
	case v.Sparse != nil:
		return checkNaN(v.Sparse.Values)
	case v.Multi != nil:
		for _, row := range v.Multi {
			if err := checkNaN(row); err != nil {
				return err
			}
		}
		return nil
	case len(v.Dense) == 0:
		return invalidf("Vector must not be empty")
	}
	return checkNaN(v.Dense)
}

func checkNaN(v []float32) error {
	if slices.ContainsFunc(v, func(x float32) bool { return x != x }) {
		return invalidf("Vector contains NaN values")
	}
	return nil
}

func checkSize(got, expected int) error {
	if got != expected {
		return invalidf("Vector dimension error: expected dim: %d, got %d", expected, got)
	}
	return nil
}

// SortSparse gives a sparse vector with ascending indices; indices must be
// unique and as many as values.
func SortSparse(indices []uint32, values []float32) (*Sparse, error) {
	if len(indices) != len(values) {
		return nil, invalidf("sparse vector: indices and values must have the same length, found %d and %d", len(indices), len(values))
	}
	order := make([]int, len(indices))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(int64(indices[a]) - int64(indices[b])) })
	out := &Sparse{Indices: make([]uint32, len(indices)), Values: make([]float32, len(values))}
	for i, from := range order {
		out.Indices[i], out.Values[i] = indices[from], values[from]
		if i > 0 && out.Indices[i] == out.Indices[i-1] {
			return nil, invalidf("sparse vector: indices must be unique, %d is there twice", out.Indices[i])
		}
	}
	return out, checkNaN(out.Values)
}

func sparseDot(a, b *Sparse) (sum float32, overlap bool) {
	var total float64
	for i, j := 0, 0; i < len(a.Indices) && j < len(b.Indices); {
		switch x, y := a.Indices[i], b.Indices[j]; {
		case x < y:
			i++
		case x > y:
			j++
		default:
			total += float64(a.Values[i]) * float64(b.Values[j])
			overlap = true
			i, j = i+1, j+1
		}
	}
	return float32(total), overlap
}

// weighted multiplies the query by the inverse document frequency over the
// live points, ln((N-df+½)/(df+½)+1), if the vector's modifier asks for it.
func (v *View) weighted(q *Sparse, s *sparseStore) *Sparse {
	if s.modifier != "idf" {
		return q
	}
	total := 0
	frequency := make(map[uint32]int, len(q.Indices))
	for _, i := range q.Indices {
		frequency[i] = 0
	}
	for _, row := range s.rows {
		if row == nil {
			continue
		}
		total++
		for _, i := range row.Indices {
			if n, asked := frequency[i]; asked {
				frequency[i] = n + 1
			}
		}
	}
	out := &Sparse{Indices: q.Indices, Values: make([]float32, len(q.Values))}
	for i, index := range q.Indices {
		n, df := float64(total), float64(frequency[index])
		out.Values[i] = q.Values[i] * float32(math.Log((n-df+0.5)/(df+0.5)+1))
	}
	return out
}
