package engine

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/gold"
)

// GoldFormats are what gold export writes, by name.
var GoldFormats = []string{"json", "jsonl", "csv", "argilla", "sentence-transformers"}

// GoldCSVColumns are the columns of a gold set as CSV, in its first row.
var GoldCSVColumns = []string{"chunk_text", "persona_description", "gold_question", "query_type", "query_format", "chunk_id"}

// WriteGoldExport replaces a file by a gold set in one of GoldFormats, if the file
// is empty or holds one in that format.
func (e *Engine) WriteGoldExport(path, format string, data []byte) error {
	return e.replaceOwn(files.Abs(path), goldKind(format), func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

func goldKind(format string) fileKind {
	name := "a gold set as gold export --format " + format + " writes it"
	switch format {
	case "json":
		return fileKind{name, checkWhole(func(data []byte) string {
			entries, _, reason := files.ParseArray(data)
			for _, en := range entries {
				if _, bad := gold.Parse(en.Raw); bad != "" && reason == "" {
					reason = bad
				}
			}
			return reason
		})}
	case "csv":
		return fileKind{name, checkWhole(func(data []byte) string {
			head, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))).Read()
			if err != nil || len(head) < len(GoldCSVColumns) || !slices.Equal(head[:len(GoldCSVColumns)], GoldCSVColumns) {
				return fmt.Sprintf("the first row %q", head)
			}
			return ""
		})}
	case "argilla":
		return lineKind(name, withKeys{"fields", "responses"}.without())
	case "sentence-transformers":
		return lineKind(name, withKeys{"anchor", "positive"}.without("negative"))
	}
	return lineKind(name, withKeys{"chunk_text", "persona_description", "gold_question"}.without("score", "query", "id"))
}

// checkWhole looks at all of a file at once; found says what it is instead.
func checkWhole(found func(data []byte) string) func(io.Reader) (int, string, error) {
	return func(f io.Reader) (int, string, error) {
		data, err := io.ReadAll(f)
		if err != nil {
			return 0, "", err
		}
		return 0, found(data), nil
	}
}

// withKeys are lines that have these keys, and without those that other files have
// besides.
type withKeys []string

func (names withKeys) without(others ...string) func([]byte) string {
	return func(line []byte) string {
		var keys map[string]json.RawMessage
		if json.Unmarshal(line, &keys) != nil {
			return quotedLine(line)
		}
		for _, name := range names {
			if keys[name] == nil {
				return quotedLine(line)
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
