package annotate

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// The kinds of journal lines.
const (
	opTake    = "take"    // a question for the gold set
	opSkip    = "skip"    // not this chunk
	opBad     = "bad"     // the chunk is unusable
	opAgain   = "again"   // the decision Of, which came back unasked
	opUndo    = "undo"    // takes the line Of back
	opNote    = "note"    // about a chunk; goes with its next decision
	opApplied = "applied" // the gold set has followed the line Of
)

// record is one line of the journal. It keeps what was shown as well: what was
// not chosen says as much about taste as what was.
type record struct {
	Seq       int64     `json:"seq"`
	Op        string    `json:"op"`
	Of        int64     `json:"of,omitempty"`
	At        time.Time `json:"at"`
	ChunkHash string    `json:"chunk_sha256,omitempty"`
	ChunkID   any       `json:"chunk_id,omitempty"`
	ChunkText string    `json:"chunk_text,omitempty"`
	Source    string    `json:"source,omitempty"`

	Persona     string `json:"persona_description,omitempty"`
	Question    string `json:"question,omitempty"`
	QueryType   string `json:"query_type,omitempty"`
	QueryFormat string `json:"query_format,omitempty"`
	How         string `json:"how,omitempty"`    // picked | edited | own
	Picked      int    `json:"picked,omitempty"` // 1-based among Shown
	Note        string `json:"note,omitempty"`
	Why         string `json:"why,omitempty"`  // of a skip: boring | unclear | wrong persona | other
	Same        bool   `json:"same,omitempty"` // of again: as chosen before

	Shown   []Suggestion `json:"shown,omitempty"`
	Model   string       `json:"model,omitempty"`
	Seconds float64      `json:"seconds,omitempty"` // since the item was shown
}

func (r record) decision() Decision {
	return Decision{
		Seq: r.Seq, Chunk: Chunk{ID: r.ChunkID, Text: r.ChunkText}, At: r.At,
		PersonaDescription: r.Persona, Question: r.Question,
		QueryType: r.QueryType, QueryFormat: r.QueryFormat, Note: r.Note,
	}
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// journal is the append-only file of decisions. One process writes it.
type journal struct {
	file *os.File
	next int64
}

// openJournal reads all lines and opens the file for more. A last line that a
// crash cut off was never acknowledged: it is taken away. Any other line that
// cannot be read is an error, because what follows may rest on it.
func openJournal(path string) (*journal, []record, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, nil, fmt.Errorf("journal %s: %w", path, err)
	}
	fresh := errors.Is(statError(path), fs.ErrNotExist)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, nil, fmt.Errorf("journal %s: %w", path, err)
	}
	if err := lockFile(f); err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("journal %s: another annotate is writing it (%w); quit that one, or use another gold file", path, err)
	}
	records, whole, err := readJournal(f, path)
	if err == nil {
		err = f.Truncate(whole)
	}
	if err == nil && fresh {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	j := &journal{file: f, next: 1}
	for _, r := range records {
		j.next = max(j.next, r.Seq+1)
	}
	return j, records, nil
}

func statError(path string) error { _, err := os.Stat(path); return err }

// syncFolder makes a new file's name last; not every system can.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	_ = d.Sync()
	return nil
}

// readJournal gives the lines and how many bytes of the file are whole ones.
func readJournal(f io.Reader, path string) (records []record, whole int64, err error) {
	in := bufio.NewReader(f)
	for number := 1; ; number++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return records, whole, nil
		}
		if err != nil {
			return nil, 0, fmt.Errorf("journal %s: %w", path, err)
		}
		whole += int64(len(line))
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		r, err := readRecord(line)
		if err != nil {
			return nil, 0, fmt.Errorf("journal %s, line %d: expected a JSON object, found something else (%w); "+
				"repair or remove the line, or move the file away to begin anew", path, number, err)
		}
		records = append(records, r)
	}
}

// readRecord keeps numeric ids whole: as a float64 a large one would be another.
func readRecord(line []byte) (record, error) {
	var r record
	in := json.NewDecoder(bytes.NewReader(line))
	in.UseNumber()
	if err := in.Decode(&r); err != nil {
		return r, err
	}
	if n, ok := r.ChunkID.(json.Number); ok {
		if id, err := strconv.ParseUint(n.String(), 10, 64); err == nil {
			r.ChunkID = id
		}
	}
	return r, nil
}

// append writes a line and has it on disk before it returns. Markers that only
// save work at the next start need no sync.
func (j *journal) append(r record) (record, error) {
	r.Seq = j.next
	line, err := json.Marshal(r)
	if err != nil {
		return r, fmt.Errorf("journal: %w", err)
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return r, fmt.Errorf("journal: %w", err)
	}
	j.next++
	if r.Op == opApplied {
		return r, nil
	}
	if err := j.file.Sync(); err != nil {
		return r, fmt.Errorf("journal: %w", err)
	}
	return r, nil
}

func (j *journal) close() error { return j.file.Close() }
