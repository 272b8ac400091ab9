package engine

import (
	"strconv"

	"github.com/google/uuid"
	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/qdrantlock/points"
)

// chunkIDValue is the id in a saved question. A server has no room for whole numbers
// of 2^63 and more and keeps the text.
func chunkIDValue(c api.ChunkID) *qdrant.Value {
	if n, ok := c.Value().(uint64); ok {
		return points.WholeValue(n, qdrant.NewValueString(strconv.FormatUint(n, 10)))
	}
	return qdrant.NewValueString(c.String())
}

// pointID is the id as the store's client takes it; false when it cannot be the
// id of a point. A number in quotes is a number: command lines have only text.
func pointID(c api.ChunkID) (*qdrant.PointId, bool) {
	switch v := c.Value().(type) {
	case uint64:
		return qdrant.NewIDNum(v), true
	case string:
		if n, err := strconv.ParseUint(v, 10, 64); err == nil {
			return qdrant.NewIDNum(n), true
		}
		if u, err := uuid.Parse(v); err == nil {
			return qdrant.NewIDUUID(u.String()), true
		}
	}
	return nil, false
}

// idValue is a point's id as results show it: uint64 or string.
func idValue(id *qdrant.PointId) any {
	if u := id.GetUuid(); u != "" {
		return u
	}
	return id.GetNum()
}
