package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"qgen-sidecar/cmd/qgen-sidecar/view"
	"qgen-sidecar/engine/store"
)

// proposal is what `init` found, and what more its config says of the personas.
type proposal struct {
	view.Proposal
	nameField  string
	descField  string
	personaVec string
}

// propose chooses the chunks' collection (the largest with a text, questions
// and personas apart), its text, and the shape of saved questions.
func propose(all []store.Description, chosen string) (proposal, error) {
	p := proposal{Proposal: view.Proposal{Questions: "questions", QueryField: "question", ChunkIDField: "chunk_id",
		Next: "set the endpoints and models in it, then: qgen-sidecar check"}}
	rest := slices.DeleteFunc(slices.Clone(all), func(d store.Description) bool { return d.Name != chosen && p.claims(d) })
	if chosen != "" {
		rest = slices.DeleteFunc(rest, func(d store.Description) bool { return d.Name != chosen })
	}
	var best store.Description
	for _, d := range rest {
		if longest(d) != "" && (best.Name == "" || d.Points > best.Points) {
			best = d
		}
	}
	if best.Name == "" {
		return p, fmt.Errorf("no collection with a text in its payload was found (%s); name one with --collection", listOf(all))
	}
	p.Collection, p.Points, p.TextField = best.Name, best.Points, longest(best)
	for _, key := range []string{"title", "section", "heading"} {
		if hasOne(best, key) != "" && key != p.TextField {
			p.Context = append(p.Context, key)
		}
	}
	return p, nil
}

// claims takes a collection that holds questions or personas already.
func (p *proposal) claims(d store.Description) bool {
	if q := hasOne(d, "question", "query", "gold_question"); q != "" && hasOne(d, "chunk_id", "chunk", "source_id", "persona", "query_type") != "" {
		p.Questions, p.QueryField, p.Vector = d.Name, q, firstOf(d.Vectors)
		if id := hasOne(d, "chunk_id", "chunk", "source_id"); id != "" {
			p.ChunkIDField = id
		}
		return true
	}
	name, desc := hasOne(d, "name"), hasOne(d, "description", "persona", "bio")
	if name != "" && desc != "" && len(d.Texts) <= 5 {
		p.Personas, p.nameField, p.descField, p.personaVec = d.Name, name, desc, firstOf(d.Vectors)
		return true
	}
	return false
}

// longest is the payload key with the longest strings, "" without any.
func longest(d store.Description) string {
	best := ""
	for key, n := range d.Texts {
		if n > d.Texts[best] || n == d.Texts[best] && (best == "" || key < best) {
			best = key
		}
	}
	return best
}

// hasOne is the first of the keys that the collection's payload has.
func hasOne(d store.Description, keys ...string) string {
	for _, k := range keys {
		if _, ok := d.Texts[k]; ok {
			return k
		}
	}
	return ""
}

func firstOf(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

func listOf(all []store.Description) string {
	names := make([]string, len(all))
	for i, d := range all {
		names[i] = d.Name
	}
	return "there are " + strconv.Itoa(len(all)) + ": " + strings.Join(names, ", ")
}

// toml is the config file, with a comment wherever a person has to think.
func (p proposal) toml(where, output string) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# Written by `qgen-sidecar init`. Paths are relative to this file; secrets are named, not written.\n")
	line("[store]")
	if strings.Contains(where, "://") {
		line("url = %q\napi_key_env = \"QDRANT_API_KEY\"", where)
	} else {
		line("path = %q  # the folder that the Python client's local mode wrote", relativeTo(where, output))
	}
	line("collection = %q  # %d points", p.Collection, p.Points)
	line("text_field = %q  # the payload key with the longest texts", p.TextField)
	line("context_fields = %s  # payload keys put before the text", tomlList(p.Context))
	line("# lock = \"lazy\"  # take the folder at the first call that needs it\n# share = \"127.0.0.1:0\"  # let other programs use the folder through the sidecar\n")
	line("[store.questions]  # where generated questions are saved; created at the first save")
	line("collection = %q\nvector = %q  # \"\": the unnamed one\nquery_field = %q\nchunk_id_field = %q\n", p.Questions, p.Vector, p.QueryField, p.ChunkIDField)
	b.WriteString(initModels)
	if p.Personas != "" {
		line("[personas]\nsource = \"collection\"  # searched by the embedded chunk text: needs [lm.embed] or the host's embed")
		line("collection = %q\nvector = %q\nname_field = %q\ndescription_field = %q", p.Personas, p.personaVec, p.nameField, p.descField)
	} else {
		b.WriteString(initPersonas)
	}
	b.WriteString(initRest)
	return b.String()
}

// relativeTo gives the folder as seen from the config file, if that is short.
func relativeTo(folder, output string) string {
	from, err1 := filepath.Abs(filepath.Dir(output))
	to, err2 := filepath.Abs(folder)
	rel, err3 := filepath.Rel(from, to)
	if err1 != nil || err2 != nil || err3 != nil || strings.HasPrefix(rel, "..") {
		return to
	}
	return filepath.ToSlash(rel)
}

func tomlList(s []string) string {
	quoted := make([]string, len(s))
	for i, v := range s {
		quoted[i] = strconv.Quote(v)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

const initModels = `[[endpoint]]  # any OpenAI-compatible API; one entry per key or server
name = "a"
base_url = "https://api.openai.com/v1"
api_key_env = "OPENAI_API_KEY"
# rpm = 500  # absent: learned from replies
# tpm = 200000
# usd_per_mtok_in = 0.15
# usd_per_mtok_out = 0.60

[lm.task]  # writes the questions
model = "gpt-4o-mini"
# [lm.teacher]  # makes demonstrations while compiling; absent: lm.task
# model = "gpt-4o"
# [lm.judge]  # scores; absent: lm.teacher
# model = "gpt-4o"
# temperature = 0.0
# [lm.embed]  # persona search, saving questions, round-trip proof
# model = "text-embedding-3-small"

`

const initPersonas = `[personas]
source = "none"  # file | collection | host | none
# path = "personas.json"  # for "file": [{"name": "...", "description": "..."}]
`

const initRest = `
[files]
raw_chunks = "raw_chunks.jsonl"
gold = "gold_dataset.json"
program = "optimized_pipeline.json"

[cache]
path = ".qgen/cache"  # every paid reply; "" turns it off
`
