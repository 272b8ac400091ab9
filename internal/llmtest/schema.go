package llmtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// schemaValue makes up a value that a JSON schema allows. name is the
// property's; root resolves references. Unknown schemas give a sentence.
func (w *writer) schemaValue(name string, schema, root map[string]any) any {
	schema = resolve(schema, root)
	if allowed, ok := schema["enum"].([]any); ok && len(allowed) > 0 {
		return w.schemaEnum(name, allowed)
	}
	if v, ok := schema["const"]; ok {
		return v
	}
	switch schemaType(schema) {
	case "object":
		return w.schemaObject(name, schema, root)
	case "array":
		return w.schemaArray(name, schema, root)
	case "integer", "number":
		return w.schemaNumber(name, schema)
	case "boolean":
		return true
	case "null":
		return nil
	}
	return w.value(name, nil)
}

// resolve follows a reference inside the schema and takes the first
// alternative that is not null.
func resolve(schema, root map[string]any) map[string]any {
	if ref, ok := schema["$ref"].(string); ok {
		at := any(root)
		for _, step := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
			m, _ := at.(map[string]any)
			at = m[step]
		}
		if m, ok := at.(map[string]any); ok {
			return m
		}
	}
	for _, key := range []string{"anyOf", "oneOf", "allOf"} {
		options, _ := schema[key].([]any)
		for _, o := range options {
			if m, ok := o.(map[string]any); ok && m["type"] != "null" {
				return resolve(m, root)
			}
		}
	}
	return schema
}

func schemaType(schema map[string]any) string {
	switch t := schema["type"].(type) {
	case string:
		return t
	case []any:
		for _, one := range t {
			if s, ok := one.(string); ok && s != "null" {
				return s
			}
		}
	}
	if schema["properties"] != nil {
		return "object"
	}
	return "string"
}

func (w *writer) schemaEnum(name string, allowed []any) any {
	texts := make([]string, len(allowed))
	for i, a := range allowed {
		texts[i] = fmt.Sprint(a)
	}
	chosen := w.choose(name, texts)
	for i, t := range texts {
		if t == chosen {
			return allowed[i]
		}
	}
	return allowed[0]
}

func (w *writer) schemaObject(path string, schema, root map[string]any) any {
	out := map[string]any{}
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		m, _ := properties[name].(map[string]any)
		// The array index in the path makes the items of a list differ.
		out[name] = w.schemaValue(name+suffix(path), m, root)
	}
	return out
}

// suffix is the trailing index of a path: "suggestions_2" gives "_2".
func suffix(path string) string {
	i := strings.LastIndexByte(path, '_')
	if i < 0 || strings.Trim(path[i+1:], "0123456789") != "" {
		return ""
	}
	return path[i:]
}

func (w *writer) schemaArray(name string, schema, root map[string]any) any {
	n := 3
	if v, ok := schema["minItems"].(float64); ok {
		n = int(v)
	} else if v, ok := schema["maxItems"].(float64); ok {
		n = int(v)
	}
	items, _ := schema["items"].(map[string]any)
	out := make([]any, n)
	for i := range out {
		out[i] = w.schemaValue(fmt.Sprintf("%s_%d", name, i+1), items, root)
	}
	return out
}

func (w *writer) schemaNumber(name string, schema map[string]any) any {
	low, high := 1.0, 5.0
	if v, ok := schema["minimum"].(float64); ok {
		low = v
	}
	if v, ok := schema["maximum"].(float64); ok {
		high = v
	}
	if strings.Contains(name, "score") || strings.Contains(name, "rating") {
		return min(max(float64(w.score()), low), high)
	}
	return low + float64(w.hash(name)%uint64(max(1, high-low+1)))
}
