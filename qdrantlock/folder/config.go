package folder

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// parseConfig reads a collection's entry of meta.json.
func parseConfig(raw json.RawMessage) (CollectionConfig, error) {
	cfg := CollectionConfig{Vectors: map[string]VectorParams{}, Sparse: map[string]SparseParams{}}
	value, err := parsePlain(raw)
	entry, ok := value.(map[string]any)
	if err != nil || !ok {
		return cfg, errors.New("its entry in meta.json is no object")
	}
	if cfg.Vectors, err = parseVectors(entry["vectors"]); err != nil {
		return cfg, err
	}
	if cfg.Metadata, ok = entry["metadata"].(map[string]any); !ok && entry["metadata"] != nil {
		return cfg, errors.New("metadata is no object")
	}
	sparse, ok := entry["sparse_vectors"].(map[string]any)
	if !ok && entry["sparse_vectors"] != nil {
		return cfg, errors.New("sparse_vectors is no object")
	}
	for name, params := range sparse {
		if cfg.Sparse[name], err = parseSparse(params); err != nil {
			return cfg, fmt.Errorf("sparse vector %q: %w", name, err)
		}
	}
	return cfg, nil
}

// parseVectors reads one unnamed vector's parameters, or a map of named ones.
func parseVectors(v any) (map[string]VectorParams, error) {
	all, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("vectors: expected an object, found %v", v)
	}
	if _, unnamed := all["size"].(int64); unnamed {
		all = map[string]any{"": all}
	}
	vectors := map[string]VectorParams{}
	for name, value := range all {
		params, err := parseVector(value)
		if err != nil {
			return nil, fmt.Errorf("vector %q: %w", name, err)
		}
		vectors[name] = params
	}
	return vectors, nil
}

func parseVector(v any) (VectorParams, error) {
	entry, ok := v.(map[string]any)
	if !ok {
		return VectorParams{}, errors.New("expected an object")
	}
	size, ok := entry["size"].(int64)
	if !ok || size < 1 || size > 1<<24 {
		return VectorParams{}, fmt.Errorf("size: expected a whole number from 1, found %v", entry["size"])
	}
	p := VectorParams{Size: int(size), Extra: map[string]any{}}
	p.Distance, _ = entry["distance"].(string)
	if !knownDistance(p.Distance) {
		return p, fmt.Errorf("distance: expected Cosine, Dot, Euclid or Manhattan, found %v", entry["distance"])
	}
	for key, value := range entry {
		switch {
		case key == "size" || key == "distance" || value == nil:
		case key == "multivector_config":
			p.Multi = true
		default:
			p.Extra[key] = value
		}
	}
	return p, nil
}

func knownDistance(name string) bool {
	return name == "Cosine" || name == "Dot" || name == "Euclid" || name == "Manhattan"
}

func parseSparse(v any) (SparseParams, error) {
	entry, ok := v.(map[string]any)
	if !ok {
		return SparseParams{}, errors.New("expected an object")
	}
	p := SparseParams{Extra: map[string]any{}}
	for key, value := range entry {
		switch {
		case key == "modifier" && (value == nil || value == "none"):
		case key == "modifier" && value == "idf":
			p.Modifier = "idf"
		case key == "modifier":
			return p, fmt.Errorf("modifier: expected idf or none, found %v", value)
		case value != nil:
			p.Extra[key] = value
		}
	}
	return p, nil
}

// newEntry is the smallest entry that says what cfg says; every client since
// 1.1.7 opens it.
func newEntry(cfg CollectionConfig) object { return mergeEntry(object{}, cfg) }

// mergeEntry changes an entry to say what cfg says; what says so already keeps
// its text, and keys we do not know stay.
func mergeEntry(entry object, cfg CollectionConfig) object {
	entry = entry.set("vectors", mergeVectors(entry, cfg.Vectors))
	old, had := entry.get("sparse_vectors")
	if len(cfg.Sparse) > 0 || had && string(old) != "null" {
		entry = entry.set("sparse_vectors", mergeSparse(old, cfg.Sparse))
	}
	old, had = entry.get("metadata")
	if len(cfg.Metadata) > 0 && !sameJSON(old, cfg.Metadata) {
		entry = entry.set("metadata", jsonText(cfg.Metadata))
	} else if had && len(cfg.Metadata) == 0 {
		entry = entry.set("metadata", json.RawMessage("null"))
	}
	return entry
}

func mergeVectors(entry object, vectors map[string]VectorParams) json.RawMessage {
	raw, _ := entry.get("vectors")
	found, _ := parseObject(raw)
	if v, err := parsePlain(raw); err == nil {
		if all, _ := v.(map[string]any); all != nil && isNumber(all["size"]) {
			found = object{{Key: "", Raw: raw}} // the unnamed form
		}
	}
	next := rebuild(found, vectors, mergeVector)
	if len(next) == 1 && next[0].Key == "" {
		return next[0].Raw
	}
	return next.text()
}

func isNumber(v any) bool { _, ok := v.(int64); return ok }

func mergeVector(old json.RawMessage, p VectorParams) json.RawMessage {
	if v, err := parsePlain(old); err == nil {
		if was, err := parseVector(v); err == nil && sameParams(was, p) {
			return old
		}
	}
	entry := object{{Key: "size", Raw: jsonText(p.Size)}, {Key: "distance", Raw: jsonText(p.Distance)}}
	if p.Multi {
		entry = entry.set("multivector_config", json.RawMessage(`{"comparator": "max_sim"}`))
	}
	return withExtra(entry, p.Extra).text()
}

func sameParams(a, b VectorParams) bool {
	return a.Size == b.Size && a.Distance == b.Distance && a.Multi == b.Multi && sameExtra(a.Extra, b.Extra)
}

func mergeSparse(old json.RawMessage, sparse map[string]SparseParams) json.RawMessage {
	found, _ := parseObject(old)
	return rebuild(found, sparse, mergeOneSparse).text()
}

func mergeOneSparse(old json.RawMessage, p SparseParams) json.RawMessage {
	if v, err := parsePlain(old); err == nil {
		if was, err := parseSparse(v); err == nil && was.Modifier == p.Modifier && sameExtra(was.Extra, p.Extra) {
			return old
		}
	}
	entry := object{}
	if p.Modifier != "" {
		entry = entry.set("modifier", jsonText(p.Modifier))
	}
	return withExtra(entry, p.Extra).text()
}

func withExtra(entry object, extra map[string]any) object {
	for _, key := range sortedKeys(extra) {
		if extra[key] != nil {
			entry = entry.set(key, jsonText(extra[key]))
		}
	}
	return entry
}

func sameExtra(a, b map[string]any) bool {
	return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b)
}

func sameJSON(raw json.RawMessage, v any) bool {
	was, err := parsePlain(raw)
	return err == nil && reflect.DeepEqual(was, v)
}
