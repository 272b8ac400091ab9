package reference

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"qgen-sidecar/engine/api"
)

// Fault is a row of the errors' table: what a code means and what its data may hold.
type Fault struct {
	Code    int64
	Name    string // of the Python client's exception
	Meaning string
	Data    []reflect.Type // structs
}

// Markdown is docs/reference.md.
func Markdown(faults []Fault) string {
	var b strings.Builder
	b.WriteString(referenceHead)
	for _, m := range api.Methods() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", m.Name, m.Doc)
		referenceFields(&b, "Parameters", m.Params, fromHost)
		referenceResult(&b, m)
	}
	b.WriteString("\n## Types\n\nObjects that stand in parameters and results.\n")
	for _, t := range namedTypes() {
		fmt.Fprintf(&b, "\n### %s\n", t.Name())
		if api.Open(t) {
			b.WriteString("\nFurther keys may stand beside these.\n")
		}
		referenceFields(&b, "", t, toHost)
	}
	referenceWords(&b)
	b.WriteString("\n## Progress\n\nThe notification `$/progress`, for calls that carry a `progress_token`; the last one has `done` == `total`.\n")
	referenceFields(&b, "Parameters", reflect.TypeFor[api.ProgressNote](), toHost)
	referenceCallbacks(&b)
	referenceFaults(&b, faults)
	return b.String()
}

const referenceHead = `# Reference

Generated from the Go types by ` + "`go generate ./rpc`" + `; do not edit. The same, for programs,
is the answer to ` + "`rpc.discover`" + ` (OpenRPC).

JSON-RPC 2.0. Parameters are objects; unknown ones are -32602, and null is as good
as absent for optional ones. Fields without "optional" are always there in results
and required in parameters; what is optional in a result is left out, never null.
`

// referenceWords lists the closed sets.
func referenceWords(b *strings.Builder) {
	b.WriteString("\n## Words\n\nClosed sets: a value is one of these.\n")
	for _, w := range api.AllWords() {
		fmt.Fprintf(b, "\n### %s\n\n`%s`\n", w.Name, strings.Join(w.Values, "`, `"))
	}
}

func referenceCallbacks(b *strings.Builder) {
	b.WriteString("\n## Calls to the host\n\nOnly those whose capability the host declared in `initialize`, each bounded by `limits.host_callback_s`.\n")
	for _, c := range api.Callbacks() {
		fmt.Fprintf(b, "\n### %s (to the host)\n\n%s\n", c.Name, c.Doc)
		referenceFields(b, "Parameters", c.Params, toHost)
		referenceFields(b, "Answer", c.Answer, answered)
	}
}

func referenceFaults(b *strings.Builder, faults []Fault) {
	b.WriteString("\n## Errors\n\n| code | meaning | data |\n|---|---|---|\n")
	shown := map[string]reflect.Type{}
	for _, f := range faults {
		var data []string
		for _, t := range f.Data {
			data = append(data, link(t.Name()))
			shown[t.Name()] = t
			for _, field := range api.Fields(t) {
				collect(shown, field.Type)
			}
		}
		fmt.Fprintf(b, "| %d | %s | %s |\n", f.Code, f.Meaning, strings.Join(data, " or "))
	}
	for _, t := range namedTypes() { // those have their table already
		delete(shown, t.Name())
	}
	for _, name := range slices.Sorted(maps.Keys(shown)) {
		fmt.Fprintf(b, "\n### %s\n", name)
		referenceFields(b, "", shown[name], toHost)
	}
}

func referenceResult(b *strings.Builder, m api.Method) {
	t := m.Result
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case m.Name == "shutdown":
		b.WriteString("\nResult: `null`.\n")
	case t.Kind() != reflect.Struct:
		b.WriteString("\nResult: the document.\n")
	default:
		referenceFields(b, "Result", t, toHost)
	}
	if m.Other != nil {
		referenceFields(b, "Result with `dry_run`", m.Other, toHost)
	}
}

func referenceFields(b *strings.Builder, title string, t reflect.Type, d direction) {
	fields := api.Fields(t)
	if len(fields) == 0 {
		fmt.Fprintf(b, "\n%s: none.\n", cmp.Or(title, "Members"))
		return
	}
	if title != "" {
		fmt.Fprintf(b, "\n%s:\n", title)
	}
	b.WriteString("\n| name | type | |\n|---|---|---|\n")
	for _, f := range fields {
		note := f.Doc
		if !f.Required {
			note = strings.TrimSuffix("optional; "+note, "; ")
		}
		words := fieldWords(f)
		if d == toHost && mayBeNull(f, d) {
			words += " or null"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", f.Name, strings.ReplaceAll(words, "|", "\\|"), note)
	}
}

// namedTypes are the objects within parameters, results and callbacks, by name.
func namedTypes() []reflect.Type {
	var outer []reflect.Type
	for _, m := range api.Methods() {
		outer = append(outer, m.Params, m.Result)
		if m.Other != nil {
			outer = append(outer, m.Other)
		}
	}
	for _, c := range api.Callbacks() {
		outer = append(outer, c.Params, c.Answer)
	}
	found := map[string]reflect.Type{}
	for _, t := range outer {
		if t = bare(t); t.Kind() == reflect.Struct {
			collectFields(found, t)
		}
	}
	var out []reflect.Type
	for _, name := range slices.Sorted(maps.Keys(found)) {
		out = append(out, found[name])
	}
	return out
}

func collectFields(found map[string]reflect.Type, t reflect.Type) {
	for _, f := range api.Fields(t) {
		if documented, ok := api.Documented(f.Shape); ok {
			collect(found, documented)
		} else if f.Shape == "" {
			collect(found, f.Type)
		}
	}
}

// collect adds the objects that a type is made of.
func collect(found map[string]reflect.Type, t reflect.Type) {
	t = bare(t)
	if _, own := api.ShapeOf(t); own || t.Kind() != reflect.Struct {
		return
	}
	if named(t) {
		found[t.Name()] = t
	}
	collectFields(found, t)
}

// bare is what a pointer, a list or a map is of.
func bare(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	return t
}

// named: it has a name that a reader can look for.
func named(t reflect.Type) bool { return t.Name() != "" && !strings.Contains(t.Name(), "[") }
