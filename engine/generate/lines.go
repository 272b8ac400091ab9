package generate

import (
	"encoding/hex"
	"encoding/json"

	"qgen-sidecar/engine/outputs"
)

// journalLine is one finished question on disk. ID is hex, of 16 bytes.
type journalLine struct {
	ID          string `json:"id"`
	Query       string `json:"query,omitempty"`
	QueryType   string `json:"query_type,omitempty"`
	QueryFormat string `json:"query_format,omitempty"`
	Rejected    string `json:"rejected,omitempty"` // why; then with Gates
	Gates       string `json:"gates,omitempty"`
	Saved       bool   `json:"saved,omitempty"`
}

// The two kinds of files that generate-all appends to.
var (
	questionsKind = outputs.Lines("questions, as generate-all writes them", notQuestion)
	journalKind   = state(outputs.Lines("the journal of generate-all", notJournal))
)

// state marks a kind of files that lie in the folder .qgen.
func state(k outputs.Kind) outputs.Kind {
	k.State = true
	return k
}

// mayAppend finds out whether the output and the journal may be appended to, by their
// first lines. The others are looked at when they are read.
func (g *Generator) mayAppend(output, journal string) error {
	if err := g.Outputs.MayWrite(output, questionsKind.ByFirstLine(notQuestion)); err != nil {
		return err
	}
	return g.Outputs.MayWrite(journal, journalKind.ByFirstLine(notJournal))
}

// ownKeys are the keys by which lines are known, beside those of the journal.
type ownKeys struct {
	journalLine
	ChunkID   json.RawMessage `json:"chunk_id"`
	ChunkText json.RawMessage `json:"chunk_text"`
}

func notQuestion(line []byte) string {
	_, why := readQuestion(line)
	return why
}

func notJournal(line []byte) string {
	_, why := readJournal(line)
	return why
}

// readQuestion reads a line of generate-all's output, or says what it is instead.
func readQuestion(line []byte) (journalLine, string) {
	var l ownKeys
	if json.Unmarshal(line, &l) != nil || l.ChunkID == nil || l.ChunkText == nil || l.Query == "" || !ourID(l.ID) {
		return journalLine{}, outputs.QuotedLine(line)
	}
	return l.journalLine, ""
}

// readJournal is readQuestion of its journal.
func readJournal(line []byte) (journalLine, string) {
	var l ownKeys
	if json.Unmarshal(line, &l) != nil || l.ChunkText != nil || !ourID(l.ID) {
		return journalLine{}, outputs.QuotedLine(line)
	}
	return l.journalLine, ""
}

// ourID: questions of generate-all have 16 bytes in hexadecimal for an id.
func ourID(id string) bool {
	_, ok := idKey(id)
	return ok
}

func idKey(id string) (key [16]byte, ok bool) {
	if len(id) != 2*len(key) {
		return key, false
	}
	_, err := hex.Decode(key[:], []byte(id))
	return key, err == nil
}
