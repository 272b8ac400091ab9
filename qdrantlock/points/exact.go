package points

import (
	"math"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// Qdrant's Value has room for whole numbers up to 2^63−1 and for floats, while
// ids, and so what applications copy into payloads, go up to 2^64−1. A number of
// 2^63 and more travels as the nearest float, as from Qdrant's own server, and
// beside it, in a field that others pass over, as what it is. So it survives
// between a folder, its share and our own client; a server keeps what it knows.

// exactField is the number of that field, far from any that Qdrant gives.
const exactField protowire.Number = 536_870_001

// WholeValue is the Value of a whole number. One that int64 has no room for reads
// as otherwise by those who do not know the field; nil: as the nearest float.
func WholeValue(n uint64, otherwise *qdrant.Value) *qdrant.Value {
	if n <= math.MaxInt64 {
		return qdrant.NewValueInt(int64(n))
	}
	if otherwise == nil {
		otherwise = qdrant.NewValueDouble(float64(n))
	}
	field := protowire.AppendVarint(protowire.AppendTag(nil, exactField, protowire.VarintType), n)
	otherwise.ProtoReflect().SetUnknown(field)
	return otherwise
}

// wholeNumber is what WholeValue put beside a value.
func wholeNumber(v *qdrant.Value) (uint64, bool) {
	raw := v.ProtoReflect().GetUnknown()
	if len(raw) == 0 {
		return 0, false
	}
	number, kind, head := protowire.ConsumeTag(raw)
	if head < 0 || number != exactField || kind != protowire.VarintType {
		return 0, false
	}
	n, size := protowire.ConsumeVarint(raw[head:])
	return n, size > 0 && head+size == len(raw)
}

// IsWholeValue reports whether a message is a Value whose unknown fields are
// WholeValue's, and no others.
func IsWholeValue(m proto.Message) bool {
	v, ok := m.(*qdrant.Value)
	if ok {
		_, ok = wholeNumber(v)
	}
	return ok
}

// asFloat is a number as comparisons take it: those beyond int64 as floats.
func asFloat(v any) any {
	if n, ok := v.(uint64); ok {
		return float64(n)
	}
	return v
}
