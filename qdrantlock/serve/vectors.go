//lint:file-ignore SA1019 older clients still send and read the deprecated fields

package serve

import (
	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/qdrantlock/folder"
	"qgen-sidecar/qdrantlock/points"
)

// toVectors answers a lone unnamed vector plainly and everything else by name,
// as Qdrant does; nil for vectors not asked for.
func toVectors(in map[string]points.Vector) *qdrant.VectorsOutput {
	if in == nil {
		return nil
	}
	if v, ok := in[""]; ok && len(in) == 1 {
		return &qdrant.VectorsOutput{VectorsOptions: &qdrant.VectorsOutput_Vector{Vector: toVector(v)}}
	}
	named := make(map[string]*qdrant.VectorOutput, len(in))
	for name, v := range in {
		named[name] = toVector(v)
	}
	return &qdrant.VectorsOutput{VectorsOptions: &qdrant.VectorsOutput_Vectors{
		Vectors: &qdrant.NamedVectorsOutput{Vectors: named},
	}}
}

// toVector fills the present form and the deprecated one, which clients before
// 1.16 read.
func toVector(v points.Vector) *qdrant.VectorOutput {
	switch {
	case v.Sparse != nil:
		return &qdrant.VectorOutput{
			Data: v.Sparse.Values, Indices: &qdrant.SparseIndices{Data: v.Sparse.Indices},
			Vector: &qdrant.VectorOutput_Sparse{Sparse: &qdrant.SparseVector{Values: v.Sparse.Values, Indices: v.Sparse.Indices}},
		}
	case v.Multi != nil:
		rows, count := make([]*qdrant.DenseVector, len(v.Multi)), uint32(len(v.Multi))
		var flat []float32
		for i, row := range v.Multi {
			rows[i] = &qdrant.DenseVector{Data: row}
			flat = append(flat, row...)
		}
		return &qdrant.VectorOutput{
			Data: flat, VectorsCount: &count,
			Vector: &qdrant.VectorOutput_MultiDense{MultiDense: &qdrant.MultiDenseVector{Vectors: rows}},
		}
	}
	return &qdrant.VectorOutput{Data: v.Dense, Vector: &qdrant.VectorOutput_Dense{Dense: &qdrant.DenseVector{Data: v.Dense}}}
}

// fromVectors reads the vectors of a write and checks each against the
// collection.
func fromVectors(in *qdrant.Vectors, cfg folder.CollectionConfig) (map[string]folder.Vector, error) {
	out := map[string]folder.Vector{}
	switch o := in.GetVectorsOptions().(type) {
	case *qdrant.Vectors_Vector:
		return out, addVector(out, "", o.Vector, cfg)
	case *qdrant.Vectors_Vectors:
		for name, v := range o.Vectors.GetVectors() {
			if err := addVector(out, name, v, cfg); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func addVector(out map[string]folder.Vector, name string, in *qdrant.Vector, cfg folder.CollectionConfig) error {
	v, err := fromVector(in)
	if err != nil {
		return err
	}
	if v, err = fit(v, name, cfg); err != nil {
		return err
	}
	out[name] = v.OnDisk()
	return nil
}

// fit checks kind, size and numbers of a vector to be stored. A dense vector
// for a multivector is one row, as in Qdrant.
func fit(v points.Vector, name string, cfg folder.CollectionConfig) (points.Vector, error) {
	params, dense := cfg.Vectors[name]
	_, sparse := cfg.Sparse[name]
	switch {
	case !dense && !sparse:
		return v, invalidf("Not existing vector name error: %s", name)
	case sparse != (v.Sparse != nil):
		return v, invalidf("Conversion between sparse and regular vectors failed for vector '%s'", name)
	case sparse:
		return v, points.CheckQuery(v)
	case params.Multi && v.Dense != nil:
		v = points.Vector{Multi: [][]float32{v.Dense}}
	case !params.Multi && v.Multi != nil:
		return v, invalidf("Conversion between multi and regular vectors failed for vector '%s'", name)
	}
	rows := v.Multi
	if !params.Multi {
		rows = [][]float32{v.Dense}
	}
	for _, row := range rows {
		if len(row) != params.Size {
			return v, invalidf("Vector dimension error: expected dim: %d, got %d", params.Size, len(row))
		}
	}
	return v, points.CheckQuery(v)
}

// fromVector reads a vector in any of the forms that clients ever sent.
func fromVector(in *qdrant.Vector) (points.Vector, error) {
	switch o := in.GetVector().(type) {
	case *qdrant.Vector_Dense:
		return denseVector(o.Dense.GetData())
	case *qdrant.Vector_Sparse:
		return sparseVector(o.Sparse.GetIndices(), o.Sparse.GetValues())
	case *qdrant.Vector_MultiDense:
		return multiVector(o.MultiDense)
	case *qdrant.Vector_Document, *qdrant.Vector_Image, *qdrant.Vector_Object:
		return points.Vector{}, noInference()
	}
	switch {
	case in.GetIndices() != nil:
		return sparseVector(in.GetIndices().GetData(), in.GetData())
	case in.VectorsCount != nil:
		return flatMulti(in.GetData(), int(in.GetVectorsCount()))
	}
	return denseVector(in.GetData())
}

func noInference() error {
	return unsupportedf("inference (document, image, object) is not available on a folder: send vectors")
}

func denseVector(data []float32) (points.Vector, error) {
	if len(data) == 0 {
		return points.Vector{}, invalid("Vector must not be empty")
	}
	return points.Vector{Dense: data}, nil
}

func sparseVector(indices []uint32, values []float32) (points.Vector, error) {
	s, err := points.SortSparse(indices, values)
	return points.Vector{Sparse: s}, err
}

func multiVector(m *qdrant.MultiDenseVector) (points.Vector, error) {
	rows := make([][]float32, len(m.GetVectors()))
	for i, row := range m.GetVectors() {
		if rows[i] = row.GetData(); len(rows[i]) == 0 {
			return points.Vector{}, invalid("all vectors of a multivector must be non-empty")
		}
	}
	if len(rows) == 0 {
		return points.Vector{}, invalid("multivector must not be empty")
	}
	return points.Vector{Multi: rows}, nil
}

func flatMulti(data []float32, count int) (points.Vector, error) {
	if count == 0 || len(data) == 0 || len(data)%count != 0 {
		return points.Vector{}, invalidf("multivector: %d numbers cannot be cut into %d vectors", len(data), count)
	}
	size := len(data) / count
	rows := make([][]float32, count)
	for i := range rows {
		rows[i] = data[i*size : (i+1)*size]
	}
	return points.Vector{Multi: rows}, nil
}
