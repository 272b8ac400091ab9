package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/gold"
	"qgen-sidecar/internal/jsonvalue"
)

// goldImport adds a file's entries to the gold set, whole, all or none; one that
// is there already is counted once.
func goldImport(ctx context.Context, m *Main, args []string) error {
	rest, err := m.parseMixed(m.flagSet("gold import"), args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usagef("expected one file: qgen-sidecar gold import FILE")
	}
	entries, err := readGoldFile(rest[0])
	if err != nil {
		return err
	}
	return m.withEngine(ctx, func(ctx context.Context, e *engine.Engine) error {
		r, err := e.GoldImport(ctx, entries)
		if err != nil {
			return err
		}
		return m.print(map[string]int{"read": len(entries), "count": r.Count})
	})
}

// readGoldFile reads a JSON array or JSON Lines, of gold entries, of Argilla's
// records or of pairs as sentence-transformers trains on; or CSV by its name.
func readGoldFile(path string) ([]json.RawMessage, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &api.FileError{Path: path, Reason: err.Error()}
	}
	csv := strings.EqualFold(filepath.Ext(path), ".csv")
	at, found := jsonvalue.NotUTF8(data)
	if !csv && found == "" {
		at, found = jsonvalue.Unsound(data, jsonvalue.MaxDepth)
	}
	if found != "" {
		return nil, &api.FileError{Path: path, Line: 1 + bytes.Count(data[:at], []byte("\n")), Reason: "found " + found}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	trimmed := bytes.TrimSpace(data)
	switch {
	case len(trimmed) > 0 && csv:
		return readGoldCSV(path, data)
	case len(trimmed) == 0:
		return nil, &api.FileError{Path: path, Reason: "expected entries, found an empty file"}
	case trimmed[0] == '[':
		return readGoldArray(path, trimmed)
	case trimmed[0] == '{':
		return readGoldLines(path, data)
	}
	return nil, &api.FileError{Path: path, Line: 1, Reason: "expected a JSON array or JSON Lines of {\"chunk_text\", \"persona_description\", \"gold_question\"}, found something else; convert it first"}
}

func readGoldArray(path string, data []byte) ([]json.RawMessage, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, &api.FileError{Path: path, Line: lineOf(data, err), Reason: "not a JSON array: " + err.Error()}
	}
	for i := range raw {
		raw[i] = asGold(raw[i])
		r := raw[i]
		if reason := badGoldEntry(r); reason != "" {
			return nil, &api.FileError{Path: path, Reason: fmt.Sprintf("entry %d: %s", i+1, reason)}
		}
	}
	return raw, nil
}

func readGoldLines(path string, data []byte) ([]json.RawMessage, error) {
	var out []json.RawMessage
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		line = asGold(line)
		if reason := badGoldEntry(line); reason != "" {
			return nil, &api.FileError{Path: path, Line: number, Reason: reason}
		}
		out = append(out, line)
	}
	return out, nil
}

// badGoldEntry is what is wrong with an entry; "" nothing.
func badGoldEntry(raw []byte) string {
	var p api.GoldAddParams
	if err := json.Unmarshal(raw, &p); err != nil {
		return "expected an object with \"chunk_text\", \"persona_description\" and \"gold_question\": " + err.Error()
	}
	for _, f := range []struct{ name, value string }{{"chunk_text", p.ChunkText}, {"gold_question", p.GoldQuestion}} {
		if strings.TrimSpace(f.value) == "" {
			return f.name + ": expected a text, found none"
		}
	}
	return ""
}

func lineOf(data []byte, err error) int {
	if e, ok := err.(*json.SyntaxError); ok {
		return 1 + bytes.Count(data[:min(int(e.Offset), len(data))], []byte("\n"))
	}
	return 0
}

// goldExport writes the gold set: entries whole as they are in the file, or as
// other tools want them.
func goldExport(ctx context.Context, m *Main, args []string) error {
	fs := m.flagSet("gold export")
	format := fs.String("format", "", strings.Join(gold.Formats, ", ")+"; absent: by the file's name, else json")
	rest, err := m.parseMixed(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 1 {
		return usagef("gold export takes one file, found %d arguments", len(rest))
	}
	file := strings.Join(rest, "")
	if *format == "" {
		*format = cmp.Or(strings.TrimPrefix(filepath.Ext(file), "."), "json")
	}
	if !slices.Contains(gold.Formats, *format) {
		return usagef("--format: expected one of %s, found %q", strings.Join(gold.Formats, ", "), *format)
	}
	return m.withEngine(ctx, func(_ context.Context, e *engine.Engine) error {
		gold, err := e.GoldEntries()
		if err != nil {
			return err
		}
		data, err := layOut(gold, *format)
		if err != nil {
			return err
		}
		if file == "" {
			_, err = m.Stdout.Write(data)
			return err
		}
		return e.WriteGoldExport(file, *format, data)
	})
}

func layOut(gold []api.GoldEntry, format string) ([]byte, error) {
	switch format {
	case "csv":
		return csvOf(gold)
	case "argilla":
		return linesOf(gold, toArgilla)
	case "sentence-transformers":
		return linesOf(gold, func(_ int, g api.GoldEntry) any { return pair{g.GoldQuestion, g.ChunkText} })
	}
	return layOutGold(gold, format == "jsonl")
}

func layOutGold(gold []api.GoldEntry, lines bool) ([]byte, error) {
	var out bytes.Buffer
	if !lines {
		raw := make([]json.RawMessage, len(gold))
		for i, g := range gold {
			raw[i] = g.Raw
		}
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		err := enc.Encode(raw)
		return out.Bytes(), err
	}
	for _, g := range gold {
		if err := json.Compact(&out, g.Raw); err != nil {
			return nil, err
		}
		out.WriteByte('\n')
	}
	return out.Bytes(), nil
}
