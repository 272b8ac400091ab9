package engine

import (
	"fmt"
	"strings"

	"github.com/qdrant/go-client/qdrant"
)

// plainValue turns a payload value into what encoding/json writes: nil, bool,
// int64, float64, string, []any, map[string]any.
func plainValue(v *qdrant.Value) any {
	switch k := v.GetKind().(type) {
	case *qdrant.Value_BoolValue:
		return k.BoolValue
	case *qdrant.Value_IntegerValue:
		return k.IntegerValue
	case *qdrant.Value_DoubleValue:
		return k.DoubleValue
	case *qdrant.Value_StringValue:
		return k.StringValue
	case *qdrant.Value_ListValue:
		out := make([]any, len(k.ListValue.GetValues()))
		for i, item := range k.ListValue.GetValues() {
			out[i] = plainValue(item)
		}
		return out
	case *qdrant.Value_StructValue:
		return plainMap(k.StructValue.GetFields())
	}
	return nil
}

func plainMap(fields map[string]*qdrant.Value) map[string]any {
	out := make(map[string]any, len(fields))
	for key, v := range fields {
		out[key] = plainValue(v)
	}
	return out
}

// lookup finds a key, whole or as a dotted path through objects.
func lookup(payload map[string]*qdrant.Value, path string) (*qdrant.Value, bool) {
	if v, ok := payload[path]; ok {
		return v, true
	}
	for i := strings.IndexByte(path, '.'); i >= 0; {
		if inner := payload[path[:i]].GetStructValue(); inner != nil {
			if v, ok := lookup(inner.GetFields(), path[i+1:]); ok {
				return v, true
			}
		}
		next := strings.IndexByte(path[i+1:], '.')
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return nil, false
}

// field is a payload value for a result, nil when absent.
func field(payload map[string]*qdrant.Value, path string) any {
	v, _ := lookup(payload, path)
	return plainValue(v)
}

// chunkText is a point's text as every prompt, sample and gold entry has it,
// and whether the point has one at all.
//
// With store.context_fields the fields that a point has come first, one a
// line, and a blank line before the text itself:
//
//	title: Moving house
//	section: Deposits
//
//	The deposit is returned within …
//
// A field is named by the last step of its path; lists are joined by commas.
func (e *Engine) chunkText(payload map[string]*qdrant.Value) (string, bool) {
	v, _ := lookup(payload, e.cfg.Store.TextField)
	text := v.GetStringValue()
	if strings.TrimSpace(text) == "" {
		return "", false
	}
	var context strings.Builder
	for _, path := range e.cfg.Store.ContextFields {
		v, _ := lookup(payload, path)
		if shown := contextValue(plainValue(v)); shown != "" {
			fmt.Fprintf(&context, "%s: %s\n", path[strings.LastIndexByte(path, '.')+1:], shown)
		}
	}
	if context.Len() > 0 {
		context.WriteString("\n")
	}
	return context.String() + text, true
}

// ownText is the text without context, for lengths.
func (e *Engine) ownText(payload map[string]*qdrant.Value) string {
	v, _ := lookup(payload, e.cfg.Store.TextField)
	return v.GetStringValue()
}

func contextValue(v any) string {
	switch t := v.(type) {
	case nil, map[string]any:
		return ""
	case string:
		return strings.Join(strings.Fields(t), " ") // one line
	case []any:
		var parts []string
		for _, item := range t {
			if s := contextValue(item); s != "" {
				parts = append(parts, s)
			}
		}
		return strings.Join(parts, ", ")
	}
	return fmt.Sprint(v)
}
