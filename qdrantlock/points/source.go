package points

import (
	"context"

	"qgen-sidecar/qdrantlock/folder"
)

// Source is where the points of one collection live. *folder.Collection is
// one; its documentation holds for all.
type Source interface {
	Name() string
	Config() folder.CollectionConfig
	IDs(ctx context.Context) ([]folder.ID, error)
	Get(ctx context.Context, ids []folder.ID) ([]folder.Point, error)
	Scan(ctx context.Context, withVectors, withPayload bool, fn func(folder.Point) error) error
	Write(ctx context.Context, b folder.Batch) error
}

var _ Source = (*folder.Collection)(nil)

// Vector is a vector in memory or in a request; exactly one field is set.
type Vector struct {
	Dense  []float32
	Multi  [][]float32
	Sparse *Sparse
}

// Sparse has ascending, unique Indices and one value for each.
type Sparse struct {
	Indices []uint32
	Values  []float32
}

// Record is one point as a reader gets it. Payload and Vectors are nil when
// they were not asked for; they belong to the collection: do not change them.
type Record struct {
	ID      folder.ID
	Payload map[string]any
	Vectors map[string]Vector // under Cosine of unit length
	Order   any               // int64 or float64, set by OrderBy only
}

// ParseUUID gives the canonical spelling of the four that Qdrant reads:
// hyphenated, 32 hex digits, {…} and urn:uuid:….
func ParseUUID(s string) (string, bool) {
	switch {
	case len(s) == 38 && s[0] == '{' && s[37] == '}':
		s = s[1:37]
	case len(s) == 45 && s[:9] == "urn:uuid:":
		s = s[9:]
	case len(s) == 32:
		s = s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
	}
	if len(s) != 36 {
		return "", false
	}
	return lowerUUID(s)
}

func lowerUUID(s string) (string, bool) {
	b := []byte(s)
	for i, c := range b {
		switch hyphen := i == 8 || i == 13 || i == 18 || i == 23; {
		case hyphen && c == '-', !hyphen && (c >= '0' && c <= '9' || c >= 'a' && c <= 'f'):
		case !hyphen && c >= 'A' && c <= 'F':
			b[i] = c + 'a' - 'A'
		default:
			return "", false
		}
	}
	return string(b), true
}
