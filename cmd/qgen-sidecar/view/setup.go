package view

import (
	"fmt"
	"strings"

	"charm.land/lipgloss/v2"
)

// Proposal is what `init` found in a store and wrote down.
type Proposal struct {
	Output       string   `json:"output"`
	Collection   string   `json:"collection"`
	Points       uint64   `json:"points"`
	TextField    string   `json:"text_field"`
	Context      []string `json:"context_fields"`
	Questions    string   `json:"questions_collection"`
	QueryField   string   `json:"query_field"`
	ChunkIDField string   `json:"chunk_id_field"`
	Vector       string   `json:"questions_vector"`
	Personas     string   `json:"personas_collection,omitempty"`
	Next         string   `json:"next"`
}

// Proposed shows it, and what comes next.
func Proposed(p *Page, r Proposal) {
	vector := r.Vector
	if vector == "" {
		vector = "the unnamed one"
	}
	p.facts(
		fact{name: "written", text: r.Output, whole: true},
		fact{name: "chunks", text: fmt.Sprintf("collection %q, %d points", r.Collection, r.Points)},
		fact{name: "text", text: r.TextField},
		fact{name: "before it", text: strings.Join(r.Context, ", ")},
		fact{name: "questions", text: fmt.Sprintf("collection %q, question in %q, chunk's id in %q, vector %s", r.Questions, r.QueryField, r.ChunkIDField, vector)},
		fact{name: "personas", text: r.Personas},
		fact{name: "next", text: r.Next},
	)
}

// Finding is one line of the page that `check` prints.
type Finding struct {
	What   string `json:"what"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

// Findings shows what works and what does not, and how many do not.
func Findings(p *Page, all []Finding) {
	width, bad := 0, 0
	for _, f := range all {
		width = max(width, lipgloss.Width(cut(f.What, 40)))
	}
	for _, f := range all {
		mark := "ok  "
		if !f.OK {
			bad, mark = bad+1, "FAIL"
		}
		p.behind(mark+"  "+padded(cut(f.What, 40), width)+"  ", f.Detail)
	}
	p.gap()
	if bad > 0 {
		p.say("%d of %d failed", bad, len(all))
		return
	}
	p.say("all %d work", len(all))
}

// VersionInfo is what `version` prints.
type VersionInfo struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

// Version shows it on a line.
func Version(p *Page, v VersionInfo) {
	p.say("qgen-sidecar %s, commit %s, %s, %s/%s", v.Version, v.Commit, v.Go, v.OS, v.Arch)
}
