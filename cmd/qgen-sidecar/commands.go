package main

import (
	"qgen-sidecar/cmd/qgen-sidecar/view"
	"qgen-sidecar/engine"
)

// theTable is what the program does for a person.
func theTable() table { return table{sections(), groups} }

func sections() []section {
	return []section{
		{"Setting up", []command{
			{name: "init", args: "[FOLDER|URL]", doc: "Look at a store folder or server and write a commented qgen.toml.", prepare: initConfig},
			{name: "check", doc: "One page: config, lock, store, endpoints, personas, files; status 1 if one does not work.", prepare: without(check)},
		}},
		{"The gold set", []command{
			method("fetch", (*engine.Engine).Fetch, view.Fetched),
			{name: "annotate", doc: "Pick the gold questions in the terminal; with --judge, score outputs instead.", prepare: runAnnotate},
			{name: "gold show", doc: "Random entries of the gold set.", prepare: goldShow},
			{name: "gold check", doc: "Duplicates, copied and odd questions, lengths and personas in the gold set.", prepare: without(goldCheck)},
			{name: "gold review", doc: "Look through the gold set, and mend it.", prepare: without(goldReview)},
			{name: "gold import", args: "FILE", doc: "Add entries from JSON, JSON Lines, CSV, Argilla's records or (anchor, positive) pairs.", prepare: without(goldImport)},
			{name: "gold export", args: "[FILE]", doc: "Write the gold set to a file, or to standard output.", prepare: goldExport},
			{name: "gold merge", args: "JOURNAL…", doc: "Take in what others picked, and show how far you agree.", prepare: without(goldMerge)},
		}},
		{"Programs", []command{
			method("prompts", (*engine.Engine).Prompts, view.Prompts),
			withNotes(method("compile", (*engine.Engine).Compile, view.OrDryRun(view.Compiled)), needsGold),
			withNotes(method("evaluate", (*engine.Engine).Evaluate, view.Evaluation), needsGold),
			withNotes(method("compare", (*engine.Engine).Compare, view.Comparison), needsGold),
		}},
		{"Questions", []command{
			method("generate", generate, view.Generated),
			method("generate-all", (*engine.Engine).GenerateAll, view.OrDryRun(view.GeneratedAll)),
			method("export-batch", (*engine.Engine).ExportBatch, view.ExportedBatch),
			method("import-batch", (*engine.Engine).ImportBatch, view.ImportedBatch),
			method("check-questions", (*engine.Engine).CheckQuestions, view.CheckedQuestions),
			{name: "why", args: "POINT_ID", doc: "Where a saved question comes from: chunk, persona, plan, model, program, cost.", prepare: without(why)},
		}},
		{"The store folder", []command{
			{name: "folder check", args: "[FOLDER]", doc: "Read every file and row of a store folder; changes nothing.", prepare: without(folderCheck)},
			{name: "folder stats", args: "[FOLDER]", doc: "Points and bytes of a store folder.", prepare: without(folderStats)},
			{name: "folder compact", args: "[FOLDER]", doc: "Give the room of deleted rows back to the disk.", prepare: without(folderCompact)},
		}},
		{"The program itself", []command{
			{name: "help", args: "[COMMAND…]", doc: "The help of a command or of a group of commands.", prepare: showHelp},
			{name: "completion", args: "bash|zsh|fish", doc: "Print the script that completes commands, flags and values in a shell.",
				prepare: printCompletion, oneOf: shells, notes: completionNotes},
			{name: "version", doc: "Version, commit and Go version.", prepare: without(printVersion)},
		}},
	}
}

// needsGold is said by the commands that can do nothing without a gold set.
const needsGold = "It needs a gold set. Pick one with: qgen-sidecar annotate (after qgen-sidecar fetch --output raw_chunks.jsonl). Or bring one along: qgen-sidecar gold import FILE."

func withNotes(cmd command, notes ...string) command {
	cmd.notes = notes
	return cmd
}

// groups say what the commands whose names begin alike are about.
var groups = map[string]string{
	"gold":   "Look at the gold set, check it, change it and exchange it with other tools.",
	"folder": "Look after the folder of a local store.",
}
