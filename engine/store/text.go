package store

import (
	"fmt"
	"strings"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/internal/clip"
	"qgen-sidecar/qdrantlock/points"
)

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

// Field is a payload value for a result, nil when absent.
func Field(payload map[string]*qdrant.Value, path string) any {
	v, _ := lookup(payload, path)
	return points.PlainValue(v)
}

func contextValue(v any) string {
	switch t := v.(type) {
	case nil, map[string]any:
		return ""
	case string:
		return clip.OneLine(t)
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

// ChunkText is a point's text as every prompt, sample and gold entry has it,
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
func (st *Store) ChunkText(payload map[string]*qdrant.Value) (string, bool) {
	v, _ := lookup(payload, st.cfg.Store.TextField)
	text := v.GetStringValue()
	if strings.TrimSpace(text) == "" {
		return "", false
	}
	var context strings.Builder
	for _, path := range st.cfg.Store.ContextFields {
		v, _ := lookup(payload, path)
		if shown := contextValue(points.PlainValue(v)); shown != "" {
			fmt.Fprintf(&context, "%s: %s\n", path[strings.LastIndexByte(path, '.')+1:], shown)
		}
	}
	if context.Len() > 0 {
		context.WriteString("\n")
	}
	return context.String() + text, true
}

// OwnText is the text without context, for lengths.
func (st *Store) OwnText(payload map[string]*qdrant.Value) string {
	v, _ := lookup(payload, st.cfg.Store.TextField)
	return v.GetStringValue()
}
