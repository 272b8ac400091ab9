package reference

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"qgen-sidecar/engine/api"
)

// Markdown is docs/reference.md.
func Markdown() string {
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
		referenceFields(&b, "", t, toHost)
	}
	b.WriteString("\n## Calls to the host\n\nOnly those whose capability the host declared in `initialize`, each bounded by `limits.host_callback_s`.\n\n" + referenceCallbacks)
	b.WriteString("\n## Errors\n\n" + referenceErrors)
	return b.String()
}

const referenceHead = `# Reference

Generated from the Go types by ` + "`go generate ./rpc`" + `; do not edit. The same, for programs,
is the answer to ` + "`rpc.discover`" + ` (OpenRPC).

JSON-RPC 2.0. Parameters are objects; unknown ones are -32602, and null is as good
as absent for optional ones. Fields without "optional" are always there in results
and required in parameters; what is optional in a result is left out, never null.
`

const referenceCallbacks = "" +
	"| call | parameters | answer |\n|---|---|---|\n" +
	"| `choose-persona` | `{chunk_text, chunk_id?, trace?}` | `{persona_description or null, name?, score?}`; null: skip this chunk |\n" +
	"| `score` | `{chunk_text, persona_description, gold_question, query}` | `{score: 1 to 5, reason?}` |\n" +
	"| `complete` | `{messages, role, model, max_tokens, temperature, response_format?, call_id, trace?}` | `{text, usage?, finish_reason?, retry_after_s?}` |\n" +
	"| `embed` | `{texts, purpose: \"query\" or \"passage\"}` | `{vectors}` |\n"

const referenceErrors = "" +
	"| code | meaning | data |\n|---|---|---|\n" +
	"| -32700 | no JSON, no UTF-8, or nested deeper than 1,000; the stream goes on | |\n" +
	"| -32600 | no valid request: a bad id, an id in flight already, a message over 64 MiB, an empty batch, a second initialize, anything after shutdown | |\n" +
	"| -32601 | unknown method | |\n" +
	"| -32602 | a parameter or a config key is wrong | `{param, expected, found}`; of a config `{param, path, key, line?, reason}`; of the version `{param, supported}` |\n" +
	"| -32603 | a fault of the sidecar; the text says what | |\n" +
	"| -32001 | too many calls in flight; retry | |\n" +
	"| -32002 | initialize comes first | |\n" +
	"| -32800 | cancelled, or given up after `timeout_s` | `{reason: \"timeout\"}` of a timeout |\n" +
	"| -32010 | the store folder is locked by another process | `{path, holder_pid?}` |\n" +
	"| -32011 | the store cannot be used | `{path or url, collection?, reason}` |\n" +
	"| -32012 | no endpoint could answer | `{endpoints: [{name, state, last_error, retry_in_s}]}` |\n" +
	"| -32013 | a file is unusable | `{path, line?, reason}` |\n" +
	"| -32014 | the model's reply could not be used after retries | `{role, reply, reason}` |\n" +
	"| -32015 | budget spent | `{usage, budget, partial_output?}` |\n" +
	"| -32016 | the host's callback failed or is not offered | `{callback, reason}` |\n"

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
		fmt.Fprintf(b, "\n%s: none.\n", title)
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
		words := typeWords(f.Type)
		if d == toHost && mayBeNull(f, d) {
			words += " or null"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", f.Name, strings.ReplaceAll(words, "|", "\\|"), note)
	}
}

// namedTypes are the objects within parameters and results, by name.
func namedTypes() []reflect.Type {
	found := map[string]reflect.Type{}
	for _, m := range api.Methods() {
		for _, t := range []reflect.Type{m.Params, m.Result, m.Other} {
			if t == nil {
				continue
			}
			if t = bare(t); t.Kind() != reflect.Struct {
				continue
			}
			for _, f := range api.Fields(t) {
				collect(found, f.Type)
			}
		}
	}
	var out []reflect.Type
	for _, name := range slices.Sorted(maps.Keys(found)) {
		out = append(out, found[name])
	}
	return out
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
	for _, f := range api.Fields(t) {
		collect(found, f.Type)
	}
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
