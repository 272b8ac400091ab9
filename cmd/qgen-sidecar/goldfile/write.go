package goldfile

import (
	"bytes"
	"encoding/json"

	"qgen-sidecar/engine/api"
)

// Write lays entries out in a format of gold.Formats; a name that is none of them gives
// JSON.
func Write(gold []api.GoldEntry, format string) ([]byte, error) {
	switch format {
	case "csv":
		return csvOf(gold)
	case "argilla":
		return linesOf(gold, toArgilla)
	case "sentence-transformers":
		return linesOf(gold, func(_ int, g api.GoldEntry) any { return pair{g.GoldQuestion, g.ChunkText} })
	}
	return writeJSON(gold, format == "jsonl")
}

func writeJSON(gold []api.GoldEntry, lines bool) ([]byte, error) {
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

func linesOf(gold []api.GoldEntry, shape func(int, api.GoldEntry) any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	for i, g := range gold {
		if err := enc.Encode(shape(i, g)); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}
