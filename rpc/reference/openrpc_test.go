package reference_test

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/gate"
	"qgen-sidecar/engine/optimize"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/rpc"
	"qgen-sidecar/rpc/reference"
)

// The document that the Python client is generated from is what rpc.discover answers.
func TestReferenceOpenRPC(t *testing.T) {
	const path = "../../clients/python/openrpc.json"
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(reference.OpenRPC(rpc.Faults())); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("clients/python/openrpc.json is stale (%v); run make reference", err)
	}
}

// What the closed sets say is what the rooms that own the words accept and give.
func TestClosedSetsAreTheRooms(t *testing.T) {
	var predictors []string
	for _, p := range program.New(program.Options{}).Predictors {
		predictors = append(predictors, p.Name)
	}
	wrong := optimize.Settings{Name: "?"}.Validate()
	for name, want := range map[string][]string{
		"Gate":          gate.All,
		"PredictorName": predictors,
		"OptimizerName": between(t, wrong, "one of "),
		"ClauseName":    api.Clauses,
	} {
		if got := api.WordsNamed(name); !slices.Equal(got, want) {
			t.Errorf("api/words.go says of %s %q, its room says %q", name, got, want)
		}
	}
}

func between(t *testing.T, err error, after string) []string {
	t.Helper()
	if err == nil {
		t.Fatal("an unknown word was accepted")
	}
	_, list, _ := strings.Cut(err.Error(), after)
	list, _, _ = strings.Cut(list, ", found")
	return strings.Split(list, ", ")
}

// Every tag names a set or a shape that there is.
func TestTagsAreKnown(t *testing.T) {
	known := []string{"", api.ShapePath, api.ShapeObject, api.ShapeID, api.ShapeText}
	seen := map[reflect.Type]bool{}
	var look func(reflect.Type)
	look = func(rt reflect.Type) {
		for slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map}, rt.Kind()) {
			rt = rt.Elem()
		}
		if rt.Kind() != reflect.Struct || seen[rt] {
			return
		}
		seen[rt] = true
		for _, f := range api.Fields(rt) {
			documented, ok := api.Documented(f.Shape)
			if ok {
				look(documented)
			} else if !slices.Contains(known, f.Shape) {
				t.Errorf("%s.%s: engine/api/shapes.go has no shape %q", rt, f.Name, f.Shape)
			}
			if f.Enum != "" && api.WordsNamed(f.Enum) == nil {
				t.Errorf("%s.%s: engine/api/words.go has no set %q", rt, f.Name, f.Enum)
			}
			look(f.Type)
		}
	}
	for _, m := range api.Methods() {
		look(m.Params)
		look(m.Result)
	}
	for _, c := range api.Callbacks() {
		look(c.Params)
		look(c.Answer)
	}
	for _, f := range rpc.Faults() {
		for _, d := range f.Data {
			look(d)
		}
	}
	if len(seen) < 40 {
		t.Fatalf("%d types seen, expected those of every method", len(seen))
	}
}
