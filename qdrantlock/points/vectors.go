package points

import (
	"math"

	"qgen-sidecar/qdrantlock/folder"
)

// epsilon is float32's, below which Qdrant takes a norm for zero.
const epsilon = 1.1920929e-7

// Distances, spelled as in meta.json.
const (
	Cosine    = "Cosine"
	Dot       = "Dot"
	Euclid    = "Euclid"
	Manhattan = "Manhattan"
)

// store holds the vectors of one name, by slot.
type store interface {
	grow() // one slot more, without a vector
	set(slot int, v folder.Vector, has bool)
	has(slot int) bool
	get(slot int) Vector
}

func newStores(config folder.CollectionConfig, slots int) map[string]store {
	out := map[string]store{}
	for name, p := range config.Vectors {
		if p.Multi {
			out[name] = &multiStore{size: p.Size, distance: p.Distance, rows: make([][][]float32, slots)}
		} else {
			out[name] = &denseStore{size: p.Size, distance: p.Distance,
				data: make([]float32, slots*p.Size), present: make([]bool, slots)}
		}
	}
	for name, p := range config.Sparse {
		out[name] = &sparseStore{modifier: p.Modifier, rows: make([]*Sparse, slots)}
	}
	return out
}

// denseStore is one row-major matrix, of unit rows under Cosine.
type denseStore struct {
	size     int
	distance string
	data     []float32
	present  []bool
}

func (s *denseStore) grow() {
	s.data = append(s.data, make([]float32, s.size)...)
	s.present = append(s.present, false)
}

func (s *denseStore) row(slot int) []float32 { return s.data[slot*s.size : (slot+1)*s.size] }

func (s *denseStore) set(slot int, v folder.Vector, has bool) {
	s.present[slot] = has && len(v.Dense) == s.size
	if s.present[slot] {
		toUnit(s.row(slot), v.Dense, s.distance)
	}
}

func (s *denseStore) has(slot int) bool { return s.present[slot] }

// get copies: the row changes with the next batch, the answer is still being
// written to the wire then.
func (s *denseStore) get(slot int) Vector {
	return Vector{Dense: append([]float32(nil), s.row(slot)...)}
}

type multiStore struct {
	size     int
	distance string
	rows     [][][]float32 // nil: no vector; never changed in place
}

func (s *multiStore) grow()               { s.rows = append(s.rows, nil) }
func (s *multiStore) has(slot int) bool   { return s.rows[slot] != nil }
func (s *multiStore) get(slot int) Vector { return Vector{Multi: s.rows[slot]} }

func (s *multiStore) set(slot int, v folder.Vector, has bool) {
	s.rows[slot] = nil
	if !has || len(v.Multi) == 0 {
		return
	}
	for _, row := range v.Multi {
		if len(row) != s.size {
			return
		}
	}
	s.rows[slot] = inMemory(v, s.distance).Multi
}

type sparseStore struct {
	modifier string
	rows     []*Sparse // nil: no vector; never changed in place
}

func (s *sparseStore) grow()               { s.rows = append(s.rows, nil) }
func (s *sparseStore) has(slot int) bool   { return s.rows[slot] != nil }
func (s *sparseStore) get(slot int) Vector { return Vector{Sparse: s.rows[slot]} }

func (s *sparseStore) set(slot int, v folder.Vector, has bool) {
	s.rows[slot] = nil
	if has && v.Sparse != nil {
		s.rows[slot] = inMemory(v, Dot).Sparse
	}
}

// toUnit writes src to dst as float32, of unit length under Cosine unless its
// norm is next to zero.
func toUnit(dst []float32, src []float64, distance string) {
	norm := 1.0
	if distance == Cosine {
		if n := norm64(src); n > epsilon {
			norm = n
		}
	}
	for i, v := range src {
		dst[i] = float32(v / norm)
	}
}

func norm64[T float32 | float64](v []T) float64 {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	return math.Sqrt(sum)
}

// inMemory is a vector of the folder as readers get it.
func inMemory(v folder.Vector, distance string) Vector {
	switch {
	case v.Sparse != nil:
		out := &Sparse{Indices: v.Sparse.Indices, Values: make([]float32, len(v.Sparse.Values))}
		for i, x := range v.Sparse.Values {
			out.Values[i] = float32(x)
		}
		return Vector{Sparse: out}
	case v.Multi != nil:
		out := make([][]float32, len(v.Multi))
		for i, row := range v.Multi {
			out[i] = make([]float32, len(row))
			toUnit(out[i], row, distance)
		}
		return Vector{Multi: out}
	}
	out := make([]float32, len(v.Dense))
	toUnit(out, v.Dense, distance)
	return Vector{Dense: out}
}

// OnDisk is a vector of a request as the folder holds it: float64, raw.
func (v Vector) OnDisk() folder.Vector {
	switch {
	case v.Sparse != nil:
		return folder.Vector{Sparse: &folder.Sparse{Indices: v.Sparse.Indices, Values: widen(v.Sparse.Values)}}
	case v.Multi != nil:
		rows := make([][]float64, len(v.Multi))
		for i, row := range v.Multi {
			rows[i] = widen(row)
		}
		return folder.Vector{Multi: rows}
	}
	return folder.Vector{Dense: widen(v.Dense)}
}

func widen(in []float32) []float64 {
	out := make([]float64, len(in))
	for i, x := range in {
		out[i] = float64(x)
	}
	return out
}
