package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/gold"
)

// The gold set in the shapes of other tools, both ways.

// pair is a line that sentence-transformers' losses on (anchor, positive) train on.
type pair struct {
	Anchor   string `json:"anchor"`
	Positive string `json:"positive"`
}

// argilla is a record of Argilla 2, as Dataset.records.to_json writes it and
// log takes it.
type argilla struct {
	ID        string                       `json:"id,omitempty"`
	Fields    map[string]string            `json:"fields"`
	Metadata  map[string]any               `json:"metadata"`
	Responses map[string][]argillaResponse `json:"responses"`
}

type argillaResponse struct {
	Value  any    `json:"value"`
	Status string `json:"status,omitempty"`
}

func toArgilla(i int, g api.GoldEntry) any {
	r := argilla{ID: fmt.Sprint(i + 1), Fields: map[string]string{"chunk": g.ChunkText, "persona": g.PersonaDescription},
		Metadata: map[string]any{}, Responses: map[string][]argillaResponse{"question": {{g.GoldQuestion, "submitted"}}}}
	if !g.ChunkID.IsZero() {
		r.Metadata["chunk_id"] = g.ChunkID
	}
	for name, value := range map[string]string{"query_type": g.QueryType, "query_format": g.QueryFormat} {
		if value != "" {
			r.Metadata[name] = value
		}
	}
	return r
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

func csvOf(entries []api.GoldEntry) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	rows := [][]string{gold.CSVColumns}
	for _, g := range entries {
		id := ""
		if !g.ChunkID.IsZero() {
			id = g.ChunkID.String()
		}
		rows = append(rows, []string{g.ChunkText, g.PersonaDescription, g.GoldQuestion, g.QueryType, g.QueryFormat, id})
	}
	err := w.WriteAll(rows)
	return out.Bytes(), err
}

// readGoldCSV reads a file whose first row names the columns; those that are not
// known are kept as they are.
func readGoldCSV(path string, data []byte) ([]json.RawMessage, error) {
	r := csv.NewReader(bytes.NewReader(data))
	head, err := r.Read()
	if err != nil {
		return nil, &api.FileError{Path: path, Line: 1, Reason: "not CSV: " + err.Error()}
	}
	for i := range head {
		head[i] = strings.TrimSpace(head[i])
	}
	for _, needed := range []string{"chunk_text", "gold_question"} {
		if !slices.Contains(head, needed) {
			return nil, &api.FileError{Path: path, Line: 1, Reason: fmt.Sprintf("expected a column %q in the first row, found %s", needed, strings.Join(head, ", "))}
		}
	}
	var out []json.RawMessage
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		line, _ := r.FieldPos(0)
		if err != nil {
			return nil, &api.FileError{Path: path, Line: line, Reason: "not CSV: " + err.Error()}
		}
		entry := map[string]any{}
		for i, value := range row {
			if value != "" || head[i] == "persona_description" {
				entry[head[i]] = value
			}
			if n, err := strconv.ParseUint(value, 10, 64); err == nil && head[i] == "chunk_id" && strconv.FormatUint(n, 10) == value {
				entry[head[i]] = n // CSV has texts only, and ids that are numbers are none
			}
		}
		raw, err := json.Marshal(entry)
		if err != nil {
			return nil, err
		}
		if reason := badGoldEntry(raw); reason != "" {
			return nil, &api.FileError{Path: path, Line: line, Reason: reason}
		}
		out = append(out, raw)
	}
}

// asGold turns a record of another tool into a gold entry; what is none of these
// stays as it is.
func asGold(raw json.RawMessage) json.RawMessage {
	var r argilla
	in := json.NewDecoder(bytes.NewReader(raw))
	in.UseNumber() // an id may be no float
	if in.Decode(&r) == nil && r.Fields != nil {
		return fromArgilla(r, raw)
	}
	var p pair
	if json.Unmarshal(raw, &p) == nil && p.Anchor != "" && p.Positive != "" {
		return marshalled(map[string]any{"chunk_text": p.Positive, "persona_description": "", "gold_question": p.Anchor}, raw)
	}
	return raw
}

// fromArgilla takes the first submitted response to the question.
func fromArgilla(r argilla, raw json.RawMessage) json.RawMessage {
	entry := map[string]any{"chunk_text": r.Fields["chunk"], "persona_description": r.Fields["persona"]}
	for _, response := range r.Responses["question"] {
		if response.Status == "" || response.Status == "submitted" {
			entry["gold_question"] = response.Value
			break
		}
	}
	for _, name := range []string{"query_type", "query_format", "chunk_id"} {
		if value, ok := r.Metadata[name]; ok {
			entry[name] = value
		}
	}
	return marshalled(entry, raw)
}

func marshalled(entry map[string]any, otherwise json.RawMessage) json.RawMessage {
	if out, err := json.Marshal(entry); err == nil {
		return out
	}
	return otherwise
}
