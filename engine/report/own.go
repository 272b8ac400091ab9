package report

import (
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
)

// A Kind of report is known again by a mark that each of its files carries.
type Kind string

// The kinds, by the mark's last word.
const (
	Evaluation Kind = "evaluate"
	Questions  Kind = "check-questions"
)

// Holds is what one file of a report holds.
type Holds struct {
	Path string
	Name string // "a report's page, as evaluate writes it"
	// Own reports whether a file holds that: it has the mark, or the structure of
	// reports from before there was one.
	Own func(f io.Reader) (bool, error)
}

// Files are the three files of a report: the page, and beside it the same as JSON
// and as Markdown.
func Files(path string, k Kind) []Holds {
	base := strings.TrimSuffix(path, filepath.Ext(path))
	holds := func(path, what string, known func(data []byte) bool) Holds {
		return Holds{path, what + ", as " + string(k) + " writes it", func(f io.Reader) (bool, error) {
			data, err := io.ReadAll(f)
			data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // editors add it, and other line ends
			return known(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))), err
		}}
	}
	return []Holds{
		holds(path, "a report's page", k.ownPage),
		holds(base+".json", "a report's JSON", k.ownJSON),
		holds(base+".md", "a report's Markdown", k.ownMarkdown),
	}
}

// mark is the text by which a page or a Markdown file is known again.
func (k Kind) mark() string { return "qgen-sidecar " + string(k) }

// Earlier pages have no mark; they all begin with this, and say further down
// which of the two they are.
const earlierHead = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-`

var earlierSkip = map[Kind]string{
	Evaluation: `<a class="skip" href="#examples">Skip to the examples</a>`,
	Questions:  `<a class="skip" href="#examples">Skip to the questions</a>`,
}

func (k Kind) ownPage(data []byte) bool {
	head, _, _ := bytes.Cut(data, []byte("<title>"))
	if bytes.Contains(head, []byte(`<meta name="generator" content="`+k.mark()+`">`)) {
		return true
	}
	return bytes.HasPrefix(bytes.TrimLeft(data, "\n"), []byte(earlierHead)) && bytes.Contains(data, []byte(earlierSkip[k]))
}

// ownKeys are top-level keys that every version of the JSON has.
var ownKeys = map[Kind][]string{
	Evaluation: {"generated_at", "split", "comparison", "baseline", "optimized", "rows"},
	Questions:  {"generated_at", "source", "faults", "questions"},
}

func (k Kind) ownJSON(data []byte) bool {
	var keys map[string]json.RawMessage
	if json.Unmarshal(data, &keys) != nil {
		return false
	}
	for _, key := range ownKeys[k] {
		if _, has := keys[key]; !has {
			return false
		}
	}
	return true
}

// earlierLines stand in every Markdown file of the kind.
var earlierLines = map[Kind][]string{
	Evaluation: {"\n| | baseline | optimised |\n", "\n- verdict: ", "\n## This run\n"},
	Questions:  {"# Question set\n", "\n| found | questions |\n"},
}

func (k Kind) ownMarkdown(data []byte) bool {
	if bytes.Contains(data, []byte("<!-- "+k.mark()+" -->")) {
		return true
	}
	text := "\n" + string(data)
	for _, line := range earlierLines[k] {
		if !strings.Contains(text, line) {
			return false
		}
	}
	return true
}
