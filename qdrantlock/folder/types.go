package folder

// ID is a point id: UUID (canonical lower-case) when it is not empty, else Num.
type ID struct {
	Num  uint64
	UUID string
}

// Less is the client's own order: integers ascending, then UUIDs ascending.
func (a ID) Less(b ID) bool {
	if (a.UUID == "") != (b.UUID == "") {
		return a.UUID == ""
	}
	if a.UUID != "" {
		return a.UUID < b.UUID
	}
	return a.Num < b.Num
}

// Vector is one vector as the folder holds it: exactly one field is set.
// Numbers stay float64 because that is what is on disk; an edit of the payload
// must not round them.
type Vector struct {
	Dense  []float64
	Multi  [][]float64
	Sparse *Sparse
}

// Sparse has Indices ascending, one value each.
type Sparse struct {
	Indices []uint32
	Values  []float64
}

// Point is one row, decoded. Vectors is keyed by name, "" the unnamed vector.
// Payload values are nil, bool, int64, float64, string, []any, map[string]any.
type Point struct {
	ID      ID
	Vectors map[string]Vector
	Payload map[string]any
}

// VectorParams describes one dense (or multi) vector of a collection.
type VectorParams struct {
	Size     int
	Distance string // Cosine | Dot | Euclid | Manhattan
	Multi    bool   // multivector_config: max_sim
	// Extra are the other keys of meta.json as found (hnsw_config, …).
	Extra map[string]any
}

// SparseParams describes one sparse vector. Modifier is "" or "idf".
type SparseParams struct {
	Modifier string
	Extra    map[string]any
}

// CollectionConfig is a collection's entry in meta.json, as far as it means
// something to us; the rest of the entry is kept verbatim by the folder.
type CollectionConfig struct {
	Vectors  map[string]VectorParams // "" the unnamed vector; empty: sparse only
	Sparse   map[string]SparseParams
	Metadata map[string]any
}

// Batch is one transaction: Delete first, then Put (whole points, replacing).
type Batch struct {
	Delete []ID
	Put    []Point
}

// BadRow names a row that could not be read and why. The rest stays usable.
type BadRow struct {
	Collection string `json:"collection"`
	RowID      int64  `json:"row_id"`
	ID         string `json:"id"` // as far as the key tells
	Reason     string `json:"reason"`
}
