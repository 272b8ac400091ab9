package store

import (
	"github.com/qdrant/go-client/qdrant"
)

func withVector(name string) *qdrant.WithVectorsSelector {
	if name == "" {
		return qdrant.NewWithVectors(true)
	}
	return qdrant.NewWithVectorsInclude(name)
}

// denseOf is the dense vector of that name, in the form of today or, as older
// servers answer, of yesterday.
func denseOf(v *qdrant.VectorsOutput, name string) []float32 {
	out := v.GetVector()
	if out == nil {
		out = v.GetVectors().GetVectors()[name]
	}
	if dense := out.GetDense(); dense != nil {
		return dense.GetData()
	}
	//lint:ignore SA1019 servers before 1.16 fill nothing else
	return out.GetData()
}
