package store

import (
	"fmt"
	"strings"

	"github.com/qdrant/go-client/qdrant"

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
