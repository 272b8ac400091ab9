package points

import "github.com/qdrant/go-client/qdrant"

// PlainMap is a payload as encoding/json would decode it, but for whole
// numbers, which stay whole; never nil.
func PlainMap(fields map[string]*qdrant.Value) map[string]any {
	out := make(map[string]any, len(fields))
	for key, v := range fields {
		out[key] = PlainValue(v)
	}
	return out
}

// PlainValue is one payload value: nil, bool, int64, uint64 (of 2^63 and more),
// float64, string, []any or map[string]any.
func PlainValue(v *qdrant.Value) any {
	switch k := v.GetKind().(type) {
	case *qdrant.Value_BoolValue:
		return k.BoolValue
	case *qdrant.Value_IntegerValue:
		return k.IntegerValue
	case *qdrant.Value_DoubleValue:
		if n, ok := wholeNumber(v); ok {
			return n
		}
		return k.DoubleValue
	case *qdrant.Value_StringValue:
		if n, ok := wholeNumber(v); ok {
			return n
		}
		return k.StringValue
	case *qdrant.Value_ListValue:
		out := make([]any, len(k.ListValue.GetValues()))
		for i, item := range k.ListValue.GetValues() {
			out[i] = PlainValue(item)
		}
		return out
	case *qdrant.Value_StructValue:
		return PlainMap(k.StructValue.GetFields())
	}
	return nil
}
