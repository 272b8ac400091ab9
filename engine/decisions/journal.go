package decisions

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

// The kinds of lines.
const (
	Take    = "take"    // a question for the gold set
	Skip    = "skip"    // not this chunk
	Bad     = "bad"     // the chunk is unusable
	Again   = "again"   // the decision Of, which came back unasked
	Undo    = "undo"    // takes the line Of back
	Note    = "note"    // about a chunk; goes with its next decision
	Applied = "applied" // the gold set has followed the line Of
)

// How a question came to be taken.
const (
	Picked = "picked"
	Edited = "edited"
	Own    = "own"
)

// Record is one line. It keeps what was shown as well: what was not chosen says
// as much about taste as what was.
type Record struct {
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

// Suggestion is a question that was shown.
type Suggestion struct {
	Question    string   `json:"question"`
	QueryType   string   `json:"query_type,omitempty"`
	QueryFormat string   `json:"query_format,omitempty"`
	Warnings    []string `json:"warnings,omitempty"`
}

// Chosen is the suggestion that the question was made of.
func (r Record) Chosen() (Suggestion, bool) {
	if r.Picked < 1 || r.Picked > len(r.Shown) {
		return Suggestion{}, false
	}
	return r.Shown[r.Picked-1], true
}

// Beside is where the journal of a gold set lies.
func Beside(gold string) string { return filepath.Join(filepath.Dir(gold), "gold.journal.jsonl") }

// HashOf is how a journal names a chunk: the hex SHA-256 of its text.
func HashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Journal is the file, open for more. One process writes it.
type Journal struct {
	file *os.File
	next int64
}

// Open reads all lines and opens the file for more. A last line that a
// crash cut off was never acknowledged: it is taken away. Any other line that
// cannot be read is an error, because what follows may rest on it.
func Open(path string) (*Journal, []Record, error) {
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
	records, whole, err := readAll(f, path)
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
	j := &Journal{file: f, next: 1}
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

// readAll gives the lines and how many bytes of the file are whole ones.
func readAll(f io.Reader, path string) (records []Record, whole int64, err error) {
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
func readRecord(line []byte) (Record, error) {
	var r Record
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

// Append writes a line and has it on disk before it returns. Markers that only
// save work at the next start need no sync.
func (j *Journal) Append(r Record) (Record, error) {
	r.Seq = j.next
	line, err := json.Marshal(r)
	if err != nil {
		return r, fmt.Errorf("journal: %w", err)
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return r, fmt.Errorf("journal: %w", err)
	}
	j.next++
	if r.Op == Applied {
		return r, nil
	}
	if err := j.file.Sync(); err != nil {
		return r, fmt.Errorf("journal: %w", err)
	}
	return r, nil
}

// Close lets others write.
func (j *Journal) Close() error { return j.file.Close() }

// Standing are the takings, skips and unusable chunks of a journal that were not
// undone, oldest first. It writes nothing, and takes no lock: what is being
// written at this moment may be missing.
func Standing(path string) ([]Record, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	records, _, err := readAll(f, path)
	if err != nil {
		return nil, err
	}
	gone := map[int64]bool{}
	for _, r := range records {
		if r.Op == Undo {
			gone[r.Of] = true
		}
	}
	var out []Record
	for _, r := range records {
		if (r.Op == Take || r.Op == Skip || r.Op == Bad) && !gone[r.Seq] {
			if r.ChunkText != "" { // the text says what it is, whoever wrote the line
				r.ChunkHash = HashOf(r.ChunkText)
			}
			out = append(out, r)
		}
	}
	return out, nil
}
