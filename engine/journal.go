package engine

import (
	"context"
	"encoding/hex"
	"math"
	"os"
	"path/filepath"
	"sync"
	"time"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/internal/jsonl"
	"qgen-sidecar/internal/jsonvalue"
)

// journal is the memory of generate-all: which questions are finished. It
// appends to two files, the output (if there is one) and the journal beside it,
// in that order and each synced, so that after any crash a line is either in
// both, or in the output alone, from which it is read back too. A line that a
// crash cut in half is cut off at the next start, and cut says so.
type journal struct {
	output, log *jsonl.File // output nil: none
	unlock      func()
	keepQueries bool
	lines       chan journalEntry
	stopped     chan struct{}

	cut     []string                // what was taken away of files that ended in half a line
	known   map[[16]byte]remembered // from earlier calls; only read once it is filled
	texts   textList                // types, formats, names of gates
	queries []string                // the first is none

	mu  sync.Mutex
	err error // of a write; everything after it fails
}

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

// finished is what earlier calls left of a question.
type finished struct {
	query, format string // where a next question is to differ from it
	kind          string // query_type
	gates         string // that rejected it
	rejected      bool
	saved         bool
	written       bool // stands in the output
}

// remembered is a finished question in little space, as there may be millions. Its
// texts are places in the journal's list. What this call finishes is not
// remembered at all, as no question is looked for twice.
type remembered struct {
	query                    uint32
	format, kind, gates      uint16
	rejected, saved, written bool
}

func (f finished) chosen() program.Chosen { return program.Chosen{Type: f.kind, Format: f.format} }

// journalEntry is one line on its way to disk; done is closed when it is there.
type journalEntry struct {
	line   journalLine
	output []byte // nil: not for the output
	done   chan struct{}
}

// openJournal takes the files for this process alone. fresh begins anew; queries
// has the questions themselves remembered. A file whose lines are not its own is
// left as it is.
func openJournal(ctx context.Context, output, logPath string, fresh, queries bool) (*journal, error) {
	if err := os.MkdirAll(filepath.Dir(logPath), 0o755); err != nil {
		return nil, &api.FileError{Path: logPath, Reason: "cannot be written: " + files.Reason(err)}
	}
	unlock, err := lockSoon(ctx, logPath+".lock")
	if err != nil {
		return nil, err
	}
	j := newJournal(queries)
	j.unlock, j.lines, j.stopped = unlock, make(chan journalEntry, 256), make(chan struct{})
	if err := j.open(output, logPath, fresh); err != nil {
		j.release()
		return nil, err
	}
	go j.write()
	return j, nil
}

// lockSoon waits a moment only: another generate-all may run for days.
func lockSoon(ctx context.Context, path string) (func(), error) {
	soon, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	unlock, err := files.Lock(soon, path)
	if err != nil && ctx.Err() == nil && soon.Err() != nil {
		return nil, &api.FileError{Path: path, Reason: "another generate-all writes there; wait for it, or give each slice an output of its own"}
	}
	return unlock, err
}

func (j *journal) open(output, logPath string, fresh bool) (err error) {
	if j.log, err = j.openLines(logPath, logLines, fresh); err != nil {
		return err
	}
	if output != "" {
		if j.output, err = j.openLines(output, outputLines, fresh); err != nil {
			return err
		}
	}
	if !fresh {
		return nil
	}
	// Only now, that both are known to be ours.
	for _, f := range []*jsonl.File{j.log, j.output} {
		if f != nil {
			if err := f.Empty(); err != nil {
				return files.Fault(f.Name(), err)
			}
		}
	}
	return nil
}

// ownLines is one of the journal's two files.
type ownLines struct {
	kind fileKind
	read func(line []byte) (journalLine, string)
	of   func(l journalLine) remembered
}

var (
	logLines = ownLines{kindJournal, readJournal, func(l journalLine) remembered {
		return remembered{rejected: l.Rejected != "", saved: l.Saved}
	}}
	outputLines = ownLines{kindQuestions, readQuestion, func(journalLine) remembered { return remembered{written: true} }}
)

// take notes what a line tells, or says why it is none of ours.
func (j *journal) take(path string, own ownLines, number int, line []byte, note bool) error {
	l, found := own.read(line)
	if found != "" {
		return foreignFile(path, number, own.kind, found)
	}
	if !note {
		return nil
	}
	r := own.of(l)
	if r.written {
		l.Gates = "" // the application's, as all but a few members
	}
	r.gates, r.kind = j.texts.place(l.Gates), j.texts.place(l.QueryType)
	if j.keepQueries && l.Query != "" {
		r.format, r.query = j.texts.place(l.QueryFormat), uint32(len(j.queries))
		j.queries = append(j.queries, l.Query)
	}
	j.merge(l.ID, r)
	return nil
}

// readKnown is what the files tell, for those who write nothing: they stay as they
// are, and half a line is passed over.
func readKnown(output, logPath string, queries bool) (*journal, error) {
	j := newJournal(queries)
	for _, f := range []struct {
		path string
		own  ownLines
	}{{logPath, logLines}, {output, outputLines}} {
		if f.path == "" || !files.Exists(f.path) {
			continue
		}
		if err := files.ReadLog(f.path, func(line []byte) error { return j.take(f.path, f.own, 0, line, true) }); err != nil {
			return nil, err
		}
	}
	return j, nil
}

func newJournal(queries bool) *journal {
	return &journal{unlock: func() {}, keepQueries: queries, known: map[[16]byte]remembered{}, queries: []string{""}}
}

// merge adds what a line tells of a question to what is known of it. A line whose
// id is none of ours tells nothing.
func (j *journal) merge(id string, r remembered) {
	key, ok := journalKey(id)
	if !ok {
		return
	}
	had := j.known[key]
	r.saved = r.saved || had.saved
	r.written = r.written || had.written
	j.known[key] = r
}

// textList keeps each of a few texts once; the first is "". Free texts may be too
// many: those that come late are taken for "".
type textList struct {
	texts  []string
	places map[string]uint16
}

func (t *textList) place(text string) uint16 {
	if t.places == nil {
		t.texts, t.places = []string{""}, map[string]uint16{"": 0}
	}
	at, known := t.places[text]
	if !known && len(t.texts) <= math.MaxUint16 {
		at = uint16(len(t.texts))
		t.texts, t.places[text] = append(t.texts, text), at
	}
	return at
}

func journalKey(id string) (key [16]byte, ok bool) {
	if len(id) != 2*len(key) {
		return key, false
	}
	_, err := hex.Decode(key[:], []byte(id))
	return key, err == nil
}

// openLines opens a file of JSON lines for appending, after taking each line and
// mending its end; with fresh nothing is noted.
func (j *journal) openLines(path string, own ownLines, fresh bool) (*jsonl.File, error) {
	f, cut, err := jsonl.Open(path, jsonl.Reader{
		Line: func(number int, line []byte) error { return j.take(path, own, number, line, !fresh) },
		Half: func(number int, half []byte) error {
			if !ourHalf(half) {
				return foreignFile(path, number, own.kind, quotedLine(half))
			}
			return nil
		},
	})
	if err != nil {
		return nil, files.Fault(path, err)
	}
	if len(cut) > 0 && !fresh {
		j.cut = append(j.cut, path+": "+quotedLine(cut))
	}
	return f, nil
}

// warnings say what was mended when the files were opened; never nil.
func (j *journal) warnings() []string {
	out := []string{}
	for _, half := range j.cut {
		out = append(out, "a crash or a full disk had left half a line, which was taken away; its question is asked again (from the reply cache where it was answered): "+half)
	}
	return out
}

// find tells what an earlier call left of a question.
func (j *journal) find(id string) (finished, bool) {
	key, _ := journalKey(id)
	r, ok := j.known[key]
	if !ok {
		return finished{}, false
	}
	text := func(place uint16) string { return j.texts.texts[place] }
	return finished{query: j.queries[r.query], format: text(r.format), kind: text(r.kind), gates: text(r.gates),
		rejected: r.rejected, saved: r.saved, written: r.written}, true
}

// add puts a finished question on disk and returns when it is there.
func (j *journal) add(line journalLine, output []byte) error {
	e := journalEntry{line: line, output: output, done: make(chan struct{})}
	j.lines <- e
	<-e.done
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

// write is the only writer: it takes all lines that wait, so that one sync
// serves many.
func (j *journal) write() {
	defer close(j.stopped)
	for e := range j.lines {
		batch := []journalEntry{e}
		for more := true; more; {
			select {
			case e, ok := <-j.lines:
				if more = ok; ok {
					batch = append(batch, e)
				}
			default:
				more = false
			}
		}
		j.commit(batch)
	}
}

func (j *journal) commit(batch []journalEntry) {
	var output, log []byte
	for _, e := range batch {
		output = append(output, e.output...)
		line, _ := jsonvalue.Marshal(e.line) // texts and flags always marshal
		log = append(append(log, line...), '\n')
	}
	err := j.err
	if err == nil && len(output) > 0 {
		err = appendTo(j.output, output)
	}
	if err == nil {
		err = appendTo(j.log, log)
	}
	j.mu.Lock()
	j.err = err
	j.mu.Unlock()
	for _, e := range batch {
		close(e.done)
	}
}

func appendTo(f *jsonl.File, lines []byte) error {
	if err := f.Append(lines); err != nil {
		return files.Fault(f.Name(), err)
	}
	return nil
}

// close waits for the last lines and lets the files go.
func (j *journal) close() error {
	close(j.lines)
	<-j.stopped
	j.release()
	return j.err
}

func (j *journal) release() {
	for _, f := range []*jsonl.File{j.output, j.log} {
		if f != nil {
			f.Close()
		}
	}
	j.unlock()
}
