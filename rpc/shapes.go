package rpc

import (
	"encoding/json"
	"reflect"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/jsonvalue"
)

// shape describes a type that decodes itself, for errors, OpenRPC and the
// reference.
type shape struct {
	words  string
	schema object
}

var ownShapes = map[reflect.Type]shape{
	reflect.TypeFor[json.RawMessage](): {"any JSON", object{}},
	reflect.TypeFor[api.ChunkID]():     {"a string or a whole number", object{"type": []string{"string", "integer"}}},
	reflect.TypeFor[api.ProgramRef](): {"a path or null", object{"type": []string{"string", "null"},
		"description": "path of a program; null: the unoptimised one; absent: files.program if it exists"}},
	reflect.TypeFor[api.Split](): {`{train, dev, test, seed} or a short form like "70/30"`, object{"oneOf": []object{
		{"type": "string", "examples": []string{"70/30", "40/30/30"}},
		{"type": "object", "properties": object{"train": object{"type": "number"}, "dev": object{"type": "number"}, "test": object{"type": "number"}, "seed": object{"type": []string{"integer", "null"}}}},
	}}},
	reflect.TypeFor[api.Metric](): {`"judge", "host" or {judge, gates}`, object{"oneOf": []object{
		{"type": "string", "enum": []string{"judge", "host"}},
		{"type": "object", "properties": object{"judge": object{"type": "boolean"}, "gates": object{"type": "array", "items": object{"type": "string"}}}},
	}}},
	reflect.TypeFor[offer](): {"true or {model, dimension}", object{"oneOf": []object{
		{"type": "boolean"},
		{"type": "object", "properties": object{"model": object{"type": "string"}, "dimension": object{"type": "integer"}}},
	}}},
}

// DecodesItself says that t has a JSON shape of its own: what is given for it
// is one value, not the members of a struct.
func DecodesItself(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return reflect.PointerTo(t).Implements(unmarshaler)
}

// progressToken reads what the embedded engine.Long of params holds; nil: the
// host did not ask for progress.
func progressToken(params any) (json.RawMessage, error) {
	long, _ := reflect.ValueOf(params).FieldByName("Long").Interface().(api.Long)
	switch kind := jsonvalue.Kind(long.ProgressToken); kind {
	case "a string", "a number":
		return long.ProgressToken, nil
	case "nothing", "null":
		return nil, nil
	default:
		return nil, &api.ParamError{Param: "progress_token", Expected: "a string or a number", Found: kind}
	}
}
