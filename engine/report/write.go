package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"strings"

	"qgen-sidecar/internal/atomicfile"
)

//go:embed page.css
var pageCSSText string

//go:embed page.js
var pageJSText string

//go:embed page.html
var pageHTML string

// headHTML is every page's head: what it may load (nothing) and its style.
//
//go:embed head.html
var headHTML string

var (
	pageCSS    = template.CSS(pageCSSText)
	pageJS     = template.JS(pageJSText)
	pageJSHash = scriptHash(pageJSText)
	page       = parsed("page", pageHTML)
)

func parsed(name, html string) *template.Template {
	return template.Must(template.Must(template.New(name).Parse(headHTML)).Parse(html))
}

// scriptHash is the page's only script as a content security policy names it:
// anything else that became a script would not run.
func scriptHash(js string) string {
	sum := sha256.Sum256([]byte(js))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// MaxBytes is the page's size limit.
const MaxBytes = 2 << 20

// steps are tried one after the other until the page is small enough.
var steps = []limits{
	{text: 20_000, prompt: 60_000, rows: 5_000},
	{text: 4_000, prompt: 20_000, rows: 2_000},
	{text: 1_000, prompt: 8_000, rows: 1_000},
	{text: 300, prompt: 2_000, rows: 500},
	{text: 100, prompt: 500, rows: 200},
	{text: 60, prompt: 200, rows: 50},
}

// BadName is why a page cannot have this name; "" it can.
func BadName(path string) string {
	if ext := filepath.Ext(path); ext == ".json" || ext == ".md" {
		return "expected a name that ends in .html; the JSON and Markdown files are written beside it"
	}
	return ""
}

// Write writes d as path (HTML) and beside it as .json and .md, each replaced
// atomically, the page last. Missing folders are made.
func Write(path string, d Data) error {
	html, err := HTML(d)
	if err != nil {
		return err
	}
	full, err := JSON(d)
	if err != nil {
		return err
	}
	return writeAll(path, html, full, []byte(Markdown(d)))
}

// writeAll writes the three files, the page last. A disk that holds no more than
// some of them changes none.
func writeAll(path string, html, full, markdown []byte) error {
	if reason := BadName(path); reason != "" {
		return fmt.Errorf("report %s: %s", path, reason)
	}
	base := strings.TrimSuffix(path, filepath.Ext(path))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("report %s: %w", path, err)
	}
	file := func(path string, text []byte) atomicfile.File {
		return atomicfile.File{Path: path, Perm: 0o644, Write: func(w io.Writer) error {
			_, err := w.Write(text)
			return err
		}}
	}
	if err := atomicfile.ReplaceAll(file(base+".json", full), file(base+".md", markdown), file(path, html)); err != nil {
		return fmt.Errorf("report %s: %w", path, err)
	}
	return nil
}

// HTML is the page, at most MaxBytes.
func HTML(d Data) ([]byte, error) {
	return smallEnough(func(out *bytes.Buffer, l limits) error { return page.Execute(out, newView(d, l)) })
}

// smallEnough draws a page with ever narrower limits until it is.
func smallEnough(draw func(out *bytes.Buffer, l limits) error) ([]byte, error) {
	var out bytes.Buffer
	for _, l := range steps {
		out.Reset()
		if err := draw(&out, l); err != nil {
			return nil, fmt.Errorf("report: %w", err)
		}
		if out.Len() <= MaxBytes {
			return out.Bytes(), nil
		}
	}
	return nil, fmt.Errorf("report: the page has %d bytes, more than %d, also with all texts cut", out.Len(), MaxBytes)
}

// JSON is all of d, nothing cut; text that is not UTF-8 reads as U+FFFD.
func JSON(d Data) ([]byte, error) {
	if d.Warnings == nil {
		d.Warnings = []string{}
	}
	if d.Rows == nil {
		d.Rows = []Row{}
	}
	out, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return append(out, '\n'), nil
}
