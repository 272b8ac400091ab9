package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"qgen-sidecar/internal/clip"
)

// ChunkID is a point id as Qdrant has it, a number or a string; the zero value
// is an absent one. Strings that are no UUID are kept too: an application may
// know its chunks by other names, as long as the store is not asked for them.
type ChunkID struct{ raw json.RawMessage }

// NewChunkID takes a whole number or a string; nil is an absent id. Earlier
// versions saved ids of 2^63 and more as the negative numbers of the same 64 bits;
// no id is negative, so that one is taken for the id that it was.
func NewChunkID(v any) ChunkID {
	if n, ok := v.(int64); ok && n < 0 {
		v = uint64(n)
	}
	raw, err := json.Marshal(v)
	if err != nil || v == nil {
		return ChunkID{}
	}
	return ChunkID{raw: raw}
}

// UnmarshalJSON takes a whole number, a string or null.
func (c *ChunkID) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	if string(b) == "null" {
		c.raw = nil
		return nil
	}
	if b[0] != '"' {
		if _, err := strconv.ParseUint(string(b), 10, 64); err != nil {
			return &ParamError{Param: "chunk_id", Expected: "a whole number or a string", Found: clip.Runes(string(b), 200)}
		}
	}
	c.raw = bytes.Clone(b)
	return nil
}

// MarshalJSON gives the id as it came, null when absent.
func (c ChunkID) MarshalJSON() ([]byte, error) {
	if c.raw == nil {
		return []byte("null"), nil
	}
	return c.raw, nil
}

// Shape of the parameter.
func (ChunkID) Shape() Shape {
	return Shape{"a string or a whole number", map[string]any{"type": []string{"string", "integer"}, "title": "ChunkID"}}
}

// IsZero: absent.
func (c ChunkID) IsZero() bool { return c.raw == nil }

// String is the id as text, "" when absent.
func (c ChunkID) String() string {
	if v := c.Value(); v != nil {
		return fmt.Sprint(v)
	}
	return ""
}

// Value is the id for a payload or a result: uint64, string, or nil.
func (c ChunkID) Value() any {
	if c.raw == nil {
		return nil
	}
	var s string
	if json.Unmarshal(c.raw, &s) == nil {
		return s
	}
	n, _ := strconv.ParseUint(string(c.raw), 10, 64)
	return n
}
