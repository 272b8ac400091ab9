package store

import (
	"errors"
	"maps"
	"math"
	"strings"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/jsonvalue"
	"qgen-sidecar/qdrantlock/points"
)

// copyField copies a key, or what a dotted path leads to with the objects
// around it, so that the copy is found by the same path.
func copyField(to, from map[string]*qdrant.Value, path string) {
	if v, ok := from[path]; ok {
		to[path] = v
		return
	}
	v, ok := lookup(from, path)
	if !ok {
		return
	}
	steps := strings.Split(path, ".")
	for _, step := range steps[:len(steps)-1] {
		inner := to[step].GetStructValue()
		if inner == nil {
			inner = &qdrant.Struct{}
		}
		fields := maps.Clone(inner.GetFields()) // a copied object is the chunk's own
		if fields == nil {
			fields = map[string]*qdrant.Value{}
		}
		to[step] = qdrant.NewValueFromFields(fields)
		to = fields
	}
	to[steps[len(steps)-1]] = v
}

// toPayload turns decoded JSON into payload values. Whole numbers stay whole.
func toPayload(param string, values map[string]any) (map[string]*qdrant.Value, error) {
	whole := make(map[string]any, len(values))
	for key, v := range values {
		whole[key] = jsonvalue.Map(v, wholeNumber)
	}
	payload, err := valueMap(whole)
	if err != nil {
		return nil, &api.ParamError{Param: param, Expected: "JSON values", Found: err.Error()}
	}
	return payload, nil
}

// valueMap is qdrant.TryValueMap, which makes negative numbers of those from 2^63.
func valueMap(values map[string]any) (map[string]*qdrant.Value, error) {
	out := make(map[string]*qdrant.Value, len(values))
	for key, v := range values {
		value, err := valueOf(v)
		if err != nil {
			return nil, err
		}
		out[key] = value
	}
	return out, nil
}

func valueOf(v any) (*qdrant.Value, error) {
	switch v := v.(type) {
	case uint64:
		return points.WholeValue(v, nil), nil
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return nil, errors.New("a number that no 64-bit float holds")
		}
	case map[string]any:
		fields, err := valueMap(v)
		return qdrant.NewValueFromFields(fields), err
	case []any:
		items := make([]*qdrant.Value, len(v))
		for i, item := range v {
			var err error
			if items[i], err = valueOf(item); err != nil {
				return nil, err
			}
		}
		return qdrant.NewValueFromList(items...), nil
	}
	return qdrant.NewValue(v)
}

// wholeNumber undoes what decoding JSON into any does to an integer.
func wholeNumber(v any) any {
	if f, ok := v.(float64); ok && f == float64(int64(f)) && f > -(1<<53) && f < 1<<53 {
		return int64(f)
	}
	return jsonvalue.Number(v)
}
