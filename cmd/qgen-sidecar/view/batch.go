package view

import (
	"fmt"

	"qgen-sidecar/engine/api"
)

// ExportedBatch shows export-batch's answer: the files to have answered, and where the
// questions are.
func ExportedBatch(p *Page, r *api.ExportBatchResult) {
	p.say("%s in %s", count(r.Requests, "request", "requests"), count(len(r.Files), "file", "files"))
	for _, path := range first(r.Files) {
		p.line("  " + cut(path, 1000))
	}
	p.more("  ", len(r.Files), "--json has all")
	p.gap()
	p.tallies(
		tally{"waiting", r.Waiting, "questions need these replies, and perhaps a further round"},
		tally{"ready", r.Ready, "questions need none any more: generate-all finishes them"},
		tally{"done", r.Done, "questions are in generate-all's journal"},
		tally{"failed", r.Failed, "questions"},
	)
	failures(p, r.Failures)
	p.gap()
	p.facts(fact{name: "program", text: programUsed(r.ProgramUsed), whole: true}, fact{name: "paid", text: paid(r.Usage)})
	p.warnings(r.Warnings)
}

// ImportedBatch shows import-batch's answer, and the lines that brought nothing.
func ImportedBatch(p *Page, r *api.ImportBatchResult) {
	failed := "0 lines"
	if r.Failed > 0 {
		failed = count(r.Failed, "line", "lines") + "; export-batch exports their requests again"
	}
	p.facts(
		fact{name: "imported", text: fmt.Sprintf("%s, %d prompt and %d completion tokens", count(r.Imported, "reply", "replies"), r.PromptTokens, r.CompletionTokens)},
		fact{name: "failed", text: failed},
	)
	if len(r.Failures) == 0 {
		return
	}
	p.gap()
	p.say("failed, by file and line")
	for _, f := range first(r.Failures) {
		p.line(fmt.Sprintf("  %s:%d", cut(f.File, 1000), f.Line))
		p.behind("    ", cut(f.Error, 300))
	}
	p.more("  ", len(r.Failures), "--json has all")
}
