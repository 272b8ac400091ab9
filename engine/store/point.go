package store

import (
	"fmt"
	"strings"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/engine/config"
	"qgen-sidecar/internal/clip"
	"qgen-sidecar/qdrantlock/points"
)

// Point is a point as it was read: its id and its payload. The zero Point has an
// empty payload.
type Point struct {
	ID      ID
	payload map[string]*qdrant.Value
}

// Field is a payload value as results show it, by its key or a dotted path through
// objects; nil when absent.
func (p Point) Field(path string) any {
	v, _ := lookup(p.payload, path)
	return points.PlainValue(v)
}

// String is the text under a key or path, "" when there is none.
func (p Point) String(path string) string {
	v, _ := lookup(p.payload, path)
	return v.GetStringValue()
}

// Payload is the whole payload as results show it.
func (p Point) Payload() map[string]any { return points.PlainMap(p.payload) }

// Hit is a point that a search found, with its score (cosine, or what the
// collection measures).
type Hit struct {
	Point
	Score float64
}

// Chunk is a point of the chunks' collection. Text is what every prompt, sample and
// gold entry has of it, "" when the point has no text; Own is the same without
// store.context_fields, for lengths.
type Chunk struct {
	Point
	Text, Own string
}

// Gone is true for a chunk that was looked for by its id and is not there.
func (c Chunk) Gone() bool { return c.payload == nil }

// HasText is false for a point without a text, or with blanks only.
func (c Chunk) HasText() bool { return c.Text != "" }

func pointOf(p *qdrant.RetrievedPoint) Point {
	payload := p.GetPayload()
	if payload == nil {
		payload = map[string]*qdrant.Value{} // there, and empty
	}
	return Point{ID: idOf(p.GetId()), payload: payload}
}

// chunkOf is a point with its text as the config says.
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
func chunkOf(s *config.Store, p Point) Chunk {
	c := Chunk{Point: p, Own: p.String(s.TextField)}
	if strings.TrimSpace(c.Own) == "" {
		return c
	}
	var context strings.Builder
	for _, path := range s.ContextFields {
		if shown := contextValue(p.Field(path)); shown != "" {
			fmt.Fprintf(&context, "%s: %s\n", path[strings.LastIndexByte(path, '.')+1:], shown)
		}
	}
	if context.Len() > 0 {
		context.WriteString("\n")
	}
	c.Text = context.String() + c.Own
	return c
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
