package decisions

import (
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

	"qgen-sidecar/internal/atomicfile"
	"qgen-sidecar/internal/jsonl"
	"qgen-sidecar/internal/jsonvalue"
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
	file *jsonl.File
	next int64

	// Mended says what was mended when it was opened, "" nothing.
	Mended string
}

// Open reads all lines and opens the file for more. A last line that a crash or a
// full disk cut off was never acknowledged: it is taken away, and Mended says so.
// Any other line that cannot be read is an error, because what follows may rest
// on it; the file stays as it is then.
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
	j := &Journal{next: 1}
	records, err := j.open(f, path)
	if err == nil && fresh {
		err = atomicfile.SyncDir(filepath.Dir(path))
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	for _, r := range records {
		j.next = max(j.next, r.Seq+1)
	}
	return j, records, nil
}

func (j *Journal) open(f *os.File, path string) ([]Record, error) {
	l := lines{path: path}
	file, cut, err := jsonl.Use(f, jsonl.Reader{Line: l.take, Half: l.half})
	if err != nil {
		return nil, l.fault(err)
	}
	j.file, j.Mended = file, l.mended
	if len(cut) > 0 {
		j.Mended = fmt.Sprintf("%s: half a decision at the end, which a crash or a full disk had cut off, was taken away", path)
	}
	return l.records, nil
}

func statError(path string) error { _, err := os.Stat(path); return err }

// lines collects a journal's records.
type lines struct {
	path    string
	records []Record
	mended  string
}

// take reads a line. One that begins with half of another, which earlier versions
// left when a disk was full, is read from where the whole one begins.
func (l *lines) take(number int, line []byte) error {
	r, err := readRecord(line)
	if err != nil {
		whole, ok := afterHalf(line)
		if !ok {
			return l.foreign(number, err)
		}
		r = whole
		l.mended = fmt.Sprintf("%s, line %d: half a decision, which a full disk had cut off, is passed over; the one that was written behind it stands", l.path, number)
	}
	l.records = append(l.records, r)
	return nil
}

// half refuses what no journal ends in.
func (l *lines) half(number int, half []byte) error {
	if !jsonl.HalfOf(half, head) {
		return l.foreign(number, errors.New("it does not begin as a journal's lines do"))
	}
	return nil
}

func (l *lines) foreign(number int, err error) error {
	return &LineError{Path: l.path, Line: number, Err: err}
}

func (l *lines) fault(err error) error {
	var own *LineError
	if errors.As(err, &own) {
		return err
	}
	return fmt.Errorf("journal %s: %w", l.path, err)
}

// LineError: a line is no record; the file is as it was.
type LineError struct {
	Path string
	Line int
	Err  error
}

func (e *LineError) Error() string {
	return fmt.Sprintf("journal %s, line %d: expected a JSON object with \"seq\" and \"op\", found something else (%v); "+
		"repair or remove the line, or move the file away to begin anew", e.Path, e.Line, e.Err)
}

func (e *LineError) Unwrap() error { return e.Err }

// head is how every line begins.
var head = []byte(`{"seq":`)

// afterHalf finds a whole record behind half of another in one line.
func afterHalf(line []byte) (Record, bool) {
	for at := 1; ; at++ {
		next := bytes.Index(line[at:], head)
		if next < 0 {
			return Record{}, false
		}
		at += next
		if r, err := readRecord(line[at:]); err == nil {
			return r, true
		}
	}
}

// readAll gives the records, without half a one at the end: it may be being
// written.
func readAll(f io.Reader, path string) ([]Record, error) {
	l := lines{path: path}
	end, err := jsonl.Scan(f, l.take)
	if rest := bytes.TrimSpace(end.Rest); err == nil && jsonl.Whole(rest) {
		err = l.take(end.Lines+1, rest)
	}
	if err != nil {
		return nil, l.fault(err)
	}
	return l.records, nil
}

// readRecord keeps numeric ids whole: as a float64 a large one would be another.
func readRecord(line []byte) (Record, error) {
	var r Record
	if _, found := jsonvalue.Unsound(line, jsonvalue.MaxDepth); found != "" {
		return r, errors.New("found " + found)
	}
	in := json.NewDecoder(bytes.NewReader(line))
	in.UseNumber()
	if err := in.Decode(&r); err != nil {
		return r, errors.New("expected a decision as annotate writes it: " + jsonvalue.Fault(err))
	}
	switch {
	case in.More():
		return r, errors.New("more than one value")
	case r.Seq == 0 || r.Op == "":
		return r, errors.New("no seq or no op")
	}
	if n, ok := r.ChunkID.(json.Number); ok {
		if id, err := strconv.ParseUint(n.String(), 10, 64); err == nil {
			r.ChunkID = id
		}
	}
	return r, nil
}

// Append writes a line and has it on disk before it returns. After an error
// nothing of it is in the file. Markers that only save work at the next start
// need no sync.
func (j *Journal) Append(r Record) (Record, error) {
	r.Seq = j.next
	line, err := json.Marshal(r)
	if err != nil {
		return r, fmt.Errorf("journal: %w", err)
	}
	write := j.file.Append
	if r.Op == Applied {
		write = j.file.AppendUnsynced
	}
	if err := write(append(line, '\n')); err != nil {
		return r, fmt.Errorf("journal: %w", err)
	}
	j.next++
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
	records, err := readAll(f, path)
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
