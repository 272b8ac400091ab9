package gold

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/outputs"
)

// Formats are what gold export writes, by name.
var Formats = []string{"json", "jsonl", "csv", "argilla", "sentence-transformers"}

// CSVColumns are the columns of a gold set as CSV, in its first row.
var CSVColumns = []string{"chunk_text", "persona_description", "gold_question", "query_type", "query_format", "chunk_id"}

// Export replaces a file by a gold set in one of [Formats], if the file is empty or
// holds one in that format.
func Export(guard *outputs.Guard, path, format string, data []byte) error {
	return guard.Replace(files.Abs(path), exportKind(format), func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

func exportKind(format string) outputs.Kind {
	name := "a gold set as gold export --format " + format + " writes it"
	switch format {
	case "json":
		return outputs.Whole(name, func(data []byte) string {
			entries, _, reason := files.ParseArray(data)
			for _, en := range entries {
				if _, bad := Parse(en.Raw); bad != "" && reason == "" {
					reason = bad
				}
			}
			return reason
		})
	case "csv":
		return outputs.Whole(name, func(data []byte) string {
			head, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))).Read()
			if err != nil || len(head) < len(CSVColumns) || !slices.Equal(head[:len(CSVColumns)], CSVColumns) {
				return fmt.Sprintf("the first row %q", head)
			}
			return ""
		})
	case "argilla":
		return outputs.Lines(name, withKeys{"fields", "responses"}.without())
	case "sentence-transformers":
		return outputs.Lines(name, withKeys{"anchor", "positive"}.without("negative"))
	}
	return outputs.Lines(name, withKeys{"chunk_text", "persona_description", "gold_question"}.without("score", "query", "id"))
}

// withKeys are lines that have these keys, and without those that other files have
// besides.
type withKeys []string

func (names withKeys) without(others ...string) func([]byte) string {
	return func(line []byte) string {
		var keys map[string]json.RawMessage
		if json.Unmarshal(line, &keys) != nil {
			return outputs.QuotedLine(line)
		}
		for _, name := range names {
			if keys[name] == nil {
				return outputs.QuotedLine(line)
			}
		}
		for _, other := range others {
			if keys[other] != nil {
				return "a line with the key " + other
			}
		}
		return ""
	}
}
