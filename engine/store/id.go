package store

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/qdrantlock/points"
)

// ID is the id of a point: a whole number or a UUID. Comparable; the zero ID is the
// number 0.
type ID struct {
	number uint64
	uuid   string // "": it is a number
}

// ParseID is a chunk's id as the id of a point; false when it cannot be one. A
// number in quotes is a number: command lines have only text.
func ParseID(c api.ChunkID) (ID, bool) {
	switch v := c.Value().(type) {
	case uint64:
		return ID{number: v}, true
	case string:
		if n, err := strconv.ParseUint(v, 10, 64); err == nil {
			return ID{number: n}, true
		}
		if u, err := uuid.Parse(v); err == nil {
			return ID{uuid: u.String()}, true
		}
	}
	return ID{}, false
}

// Value is the id as results show it: uint64 or string.
func (id ID) Value() any {
	if id.uuid != "" {
		return id.uuid
	}
	return id.number
}

// String is the id as text.
func (id ID) String() string { return fmt.Sprint(id.Value()) }

// InSlice reports whether the id belongs to the slice: the first eight bytes of the
// SHA-256 of the id as text, big-endian, modulo total. Slices are disjoint and
// together are everything; slice 0 of 4 lies within slice 0 of 2.
func (id ID) InSlice(s api.Slice) bool {
	if s.Total <= 1 {
		return true
	}
	sum := sha256.Sum256([]byte(id.String()))
	return binary.BigEndian.Uint64(sum[:8])%uint64(s.Total) == uint64(s.Index)
}

// SortIDs puts ids into the client's own order: numbers ascending, then UUIDs.
func SortIDs(ids []ID) {
	slices.SortFunc(ids, func(a, b ID) int {
		switch {
		case (a.uuid == "") != (b.uuid == ""):
			if a.uuid == "" {
				return -1
			}
			return 1
		case a.number < b.number:
			return -1
		case a.number > b.number:
			return 1
		}
		return strings.Compare(a.uuid, b.uuid)
	})
}

func idOf(id *qdrant.PointId) ID {
	if u := id.GetUuid(); u != "" {
		return ID{uuid: u}
	}
	return ID{number: id.GetNum()}
}

// wire is the id as the client takes it.
func (id ID) wire() *qdrant.PointId {
	if id.uuid != "" {
		return qdrant.NewIDUUID(id.uuid)
	}
	return qdrant.NewIDNum(id.number)
}

func wireIDs(ids []ID) []*qdrant.PointId {
	out := make([]*qdrant.PointId, len(ids))
	for i, id := range ids {
		out[i] = id.wire()
	}
	return out
}

// chunkIDValue is the id in a saved question. A server has no room for whole numbers
// of 2^63 and more and keeps the text.
func chunkIDValue(c api.ChunkID) *qdrant.Value {
	if n, ok := c.Value().(uint64); ok {
		return points.WholeValue(n, qdrant.NewValueString(strconv.FormatUint(n, 10)))
	}
	return qdrant.NewValueString(c.String())
}
