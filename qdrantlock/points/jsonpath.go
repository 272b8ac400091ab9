package points

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

type stepKind uint8

const (
	stepKey   stepKind = iota // .name or ."any text"
	stepIndex                 // [3]
	stepAll                   // []
)

type step struct {
	kind  stepKind
	key   string
	index uint64
}

// Path is a parsed payload key: `a`, `a.b`, `a[].c`, `a[0].b`, `"odd key".b`.
type Path []step

// ParsePath reads a payload key as Qdrant does; an invalid one is an Error.
func ParsePath(s string) (Path, error) {
	var path Path
	rest := s
	for {
		key, tail, ok := cutKey(rest)
		if !ok {
			return nil, invalidf("invalid payload path %q: expected a key like a, a.b, a[].c or \"a b\"", s)
		}
		path = append(path, step{kind: stepKey, key: key})
		brackets, tail, ok := cutBrackets(tail)
		path = append(path, brackets...)
		if tail == "" && ok {
			return path, nil
		}
		if !ok || len(tail) == 1 || tail[0] != '.' {
			return nil, invalidf("invalid payload path %q: unexpected %q", s, tail)
		}
		rest = tail[1:]
	}
}

func cutKey(s string) (key, tail string, ok bool) {
	if strings.HasPrefix(s, `"`) {
		return strings.Cut(s[1:], `"`)
	}
	end := strings.IndexFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '_' && r != '-'
	})
	if end < 0 {
		end = len(s)
	}
	return s[:end], s[end:], end > 0
}

func cutBrackets(s string) (steps []step, tail string, ok bool) {
	for strings.HasPrefix(s, "[") {
		inner, rest, found := strings.Cut(s[1:], "]")
		if !found {
			return steps, s, false
		}
		if inner == "" {
			steps = append(steps, step{kind: stepAll})
		} else if n, err := strconv.ParseUint(inner, 10, 64); err == nil && inner[0] != '+' {
			steps = append(steps, step{kind: stepIndex, index: n})
		} else {
			return steps, s, false
		}
		s = rest
	}
	return steps, s, true
}

// values calls yield for every value that the path selects. Arrays at the end
// of the path are given element by element when flat.
func (p Path) values(data any, flat bool, yield func(any)) {
	if len(p) == 0 {
		list, isList := data.([]any)
		if !isList || !flat {
			yield(asFloat(data))
			return
		}
		for _, v := range list {
			yield(asFloat(v))
		}
		return
	}
	switch v := data.(type) {
	case map[string]any:
		if p[0].kind == stepKey {
			if inner, ok := v[p[0].key]; ok {
				p[1:].values(inner, flat, yield)
			}
		}
	case []any:
		p[1:].elements(p[0], v, flat, yield)
	}
}

func (p Path) elements(s step, list []any, flat bool, yield func(any)) {
	switch s.kind {
	case stepIndex:
		if s.index < uint64(len(list)) {
			p.values(list[s.index], flat, yield)
		}
	case stepAll:
		for _, v := range list {
			p.values(v, flat, yield)
		}
	}
}

// Values lists what the path selects, arrays at its end taken apart.
func (p Path) Values(payload map[string]any) []any {
	var out []any
	p.values(payload, true, func(v any) { out = append(out, v) })
	return out
}

// Set returns data with value merged into the object at p. Parents that are
// missing or of another kind are made; an index past the end changes nothing.
func (p Path) Set(data any, value map[string]any) any {
	switch p[0].kind {
	case stepKey:
		return p.setKey(data, value)
	default:
		list, ok := data.([]any)
		if !ok {
			return []any{}
		}
		return p.setElements(slices.Clone(list), value)
	}
}

func (p Path) setKey(data any, value map[string]any) any {
	m, _ := data.(map[string]any)
	out := maps.Clone(m)
	if out == nil {
		out = map[string]any{}
	}
	inner, ok := out[p[0].key]
	if !ok {
		inner = map[string]any{}
	}
	out[p[0].key] = p[1:].mergeAt(inner, value)
	return out
}

func (p Path) setElements(list []any, value map[string]any) any {
	for i := range list {
		if p[0].kind == stepAll || p[0].index == uint64(i) {
			list[i] = p[1:].mergeAt(list[i], value)
		}
	}
	return list
}

func (p Path) mergeAt(data any, value map[string]any) any {
	if len(p) > 0 {
		return p.Set(data, value)
	}
	m, _ := data.(map[string]any)
	return Merge(m, value)
}

// Merge returns dst with src's keys laid over it; a null removes the key.
func Merge(dst, src map[string]any) map[string]any {
	out := make(map[string]any, len(dst)+len(src))
	maps.Copy(out, dst)
	for k, v := range src {
		if v == nil {
			delete(out, k)
		} else {
			out[k] = v
		}
	}
	return out
}

// Delete returns data without what p selects. A path that ends in an index
// removes nothing, as in Qdrant: doing it twice would remove two elements. One
// that ends in [] empties the array.
func (p Path) Delete(data any) any {
	switch v := data.(type) {
	case map[string]any:
		inner, ok := v[p[0].key]
		if p[0].kind != stepKey || !ok {
			return data
		}
		out := maps.Clone(v)
		if len(p) == 1 {
			delete(out, p[0].key)
		} else {
			out[p[0].key] = p[1:].Delete(inner)
		}
		return out
	case []any:
		return p.deleteElements(v)
	}
	return data
}

func (p Path) deleteElements(list []any) any {
	if len(p) == 1 {
		if p[0].kind == stepAll {
			return []any{}
		}
		return list
	}
	out := slices.Clone(list)
	for i := range out {
		if p[0].kind == stepAll || p[0].kind == stepIndex && p[0].index == uint64(i) {
			out[i] = p[1:].Delete(out[i])
		}
	}
	return out
}
