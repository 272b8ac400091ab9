package folder

func (e *encoder) dict(m map[string]any, depth int) {
	e.op(opEmptyDict, opMark)
	for _, key := range sortedKeys(m) {
		e.text(key)
		e.value(m[key], depth+1)
	}
	e.op(opSetItems)
}

// value writes what a payload may hold; other types are an error, because
// guessing at them would change data.
func (e *encoder) value(v any, depth int) {
	if depth > maxDepth {
		e.fail("the payload is nested deeper than %d", maxDepth)
		return
	}
	switch v := v.(type) {
	case nil:
		e.op(opNone)
	case bool:
		e.op(map[bool]byte{true: opTrue, false: opFalse}[v])
	case int:
		e.signed(int64(v))
	case int64:
		e.signed(v)
	case uint64:
		e.unsigned(v)
	case float64:
		e.float(v)
	case string:
		e.text(v)
	case []any:
		e.list(v, depth)
	case map[string]any:
		e.dict(v, depth)
	default:
		e.fail("the payload holds a %T; expected null, bool, integer, float, string, list or object", v)
	}
}

func (e *encoder) list(items []any, depth int) {
	e.op(opEmptyList, opMark)
	for _, item := range items {
		e.value(item, depth+1)
	}
	e.op(opAppends)
}
