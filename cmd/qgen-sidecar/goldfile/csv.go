package goldfile

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

// csvFault says what of CSV's rules a row breaks.
func csvFault(err error) string {
	switch {
	case errors.Is(err, csv.ErrFieldCount):
		return "found a row with more or fewer values than the first row has columns"
	case errors.Is(err, csv.ErrBareQuote):
		return `found a " within a value that does not begin with one; put the value in quotes and write "" for each "`
	case errors.Is(err, csv.ErrQuote):
		return `found text after a value's closing ", or no closing " at all; write "" for a " within a value`
	}
	return "found " + err.Error()
}

// csvLine is where a faulty row begins; 0: not known.
func csvLine(err error) int {
	var at *csv.ParseError
	if errors.As(err, &at) {
		return at.StartLine
	}
	return 0
}

// readCSV reads a file whose first row names the columns; those that are not
// known are kept as they are.
func readCSV(path string, data []byte) ([]json.RawMessage, error) {
	r := csv.NewReader(bytes.NewReader(data))
	head, err := r.Read()
	if err != nil {
		return nil, &api.FileError{Path: path, Line: 1, Reason: "expected CSV: " + csvFault(err)}
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
		if err != nil {
			return nil, &api.FileError{Path: path, Line: csvLine(err), Reason: "expected CSV: " + csvFault(err)}
		}
		line, _ := r.FieldPos(0)
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
		if reason := badEntry(raw); reason != "" {
			return nil, &api.FileError{Path: path, Line: line, Reason: reason}
		}
		out = append(out, raw)
	}
}
