package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"qgen-sidecar/cmd/qgen-sidecar/view"
	"qgen-sidecar/engine"
)

// commands is the table: what the program does for a person.
var commands = []command{
	{"init", "[FOLDER | URL]", "look at a store and write a commented qgen.toml", initConfig},
	{"check", "", "one page: config, lock, store, endpoints, personas, files", check},
	method("fetch", (*engine.Engine).Fetch, view.Fetched),
	{"annotate", "[--chunks FILE] [--target N] | --judge [--count N]", "build the gold set in the terminal", runAnnotate},
	{"gold show", "[-n 5] [--seed S]", "random entries of the gold set", goldShow},
	{"gold check", "", "duplicates, copied and odd questions, lengths and the mix of personas in the gold set", goldCheck},
	{"gold review", "", "look through the gold set, and mend it", goldReview},
	{"gold import", "FILE", "add entries from JSON, JSON Lines, CSV, Argilla's records or (anchor, positive) pairs", goldImport},
	{"gold export", "[FILE] [--format json|jsonl|csv|argilla|sentence-transformers]", "write the gold set to a file or standard output", goldExport},
	{"gold merge", "JOURNAL…", "take in what others picked, and show how far you agree", goldMerge},
	method("prompts", (*engine.Engine).Prompts, view.Prompts),
	method("compile", (*engine.Engine).Compile, view.OrDryRun(view.Compiled)),
	method("evaluate", (*engine.Engine).Evaluate, view.Evaluation),
	method("compare", (*engine.Engine).Compare, view.Comparison),
	method("generate", (*engine.Engine).Generate, view.Generated),
	method("generate-all", (*engine.Engine).GenerateAll, view.OrDryRun(view.GeneratedAll)),
	method("export-batch", (*engine.Engine).ExportBatch, view.ExportedBatch),
	method("import-batch", (*engine.Engine).ImportBatch, view.ImportedBatch),
	method("check-questions", (*engine.Engine).CheckQuestions, view.CheckedQuestions),
	{"why", "POINT_ID", "where a saved question comes from", why},
	{"folder check", "[FOLDER]", "read every file and row of a store folder; changes nothing", folderCheck},
	{"folder stats", "[FOLDER]", "points and bytes of a store folder", folderStats},
	{"folder compact", "[FOLDER]", "give deleted rows' room back to the disk", folderCompact},
	{"version", "", "version, commit, Go version", printVersion},
}

// usage is the page of all commands.
func usage(out io.Writer) {
	fmt.Fprint(out, `qgen-sidecar [--config qgen.toml]             serve JSON-RPC on standard input and output
qgen-sidecar [--config qgen.toml] COMMAND …   do one thing; --json prints JSON also on a terminal
qgen-sidecar COMMAND --help                   the command's flags

`)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, c := range commands {
		fmt.Fprintf(w, "  %s %s\t%s\n", c.name, c.usage, c.doc)
	}
	w.Flush()
}
