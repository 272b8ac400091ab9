package generate

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"time"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/outputs"
	"qgen-sidecar/internal/jsonl"
	"qgen-sidecar/internal/jsonvalue"
)

// journal writes down which questions of generate-all are finished. It appends to two
// files, the output (if there is one) and the journal beside it, in that order and
// each synced, so that after any crash a line is either in both, or in the output
// alone, from which it is read back too. A line that a crash cut in half is cut off at
// the next start, and cut says so.
type journal struct {
	output, log *jsonl.File // output nil: none
	unlock      func()
	entries     chan journalEntry
	stopped     chan struct{}
	cut         []string // what was taken away of files that ended in half a line

	mu  sync.Mutex
	err error // of a write; everything after it fails
}

// journalEntry is one line on its way to disk; done is closed when it is there.
type journalEntry struct {
	line   journalLine
	output []byte // nil: not for the output
	done   chan struct{}
}

// openJournal takes the files for this process alone, and remembers what they tell.
// anew begins them anew. A file whose lines are not its own is left as it is.
func openJournal(ctx context.Context, output, logPath string, anew bool, m *memory) (*journal, error) {
	if err := os.MkdirAll(filepath.Dir(logPath), 0o755); err != nil {
		return nil, &api.FileError{Path: logPath, Reason: "cannot be written: " + files.Reason(err), Err: err}
	}
	unlock, err := lockSoon(ctx, logPath+".lock")
	if err != nil {
		return nil, err
	}
	j := &journal{unlock: unlock, entries: make(chan journalEntry, 256), stopped: make(chan struct{})}
	if err := j.open(output, logPath, anew, m); err != nil {
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

func (j *journal) open(output, logPath string, anew bool, m *memory) (err error) {
	if j.log, err = j.openLines(logPath, journalSource, anew, m); err != nil {
		return err
	}
	if output != "" {
		if j.output, err = j.openLines(output, outputSource, anew, m); err != nil {
			return err
		}
	}
	if !anew {
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

// openLines opens a file of JSON lines for appending, after taking each line and
// mending its end; with anew nothing is remembered.
func (j *journal) openLines(path string, own source, anew bool, m *memory) (*jsonl.File, error) {
	if anew {
		m = newMemory(false)
	}
	f, cut, err := jsonl.Open(path, jsonl.Reader{
		Line: func(number int, line []byte) error { return m.note(path, own, number, line) },
		Half: func(number int, half []byte) error {
			if !outputs.OurHalf(half) {
				return outputs.Foreign(path, number, own.kind, outputs.QuotedLine(half))
			}
			return nil
		},
	})
	if err != nil {
		return nil, files.Fault(path, err)
	}
	if len(cut) > 0 && !anew {
		j.cut = append(j.cut, path+": "+outputs.QuotedLine(cut))
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

// add puts a finished question on disk and returns when it is there.
func (j *journal) add(line journalLine, output []byte) error {
	e := journalEntry{line: line, output: output, done: make(chan struct{})}
	j.entries <- e
	<-e.done
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

// write is the only writer: it takes all lines that wait, so that one sync
// serves many.
func (j *journal) write() {
	defer close(j.stopped)
	for e := range j.entries {
		batch := []journalEntry{e}
		for more := true; more; {
			select {
			case e, ok := <-j.entries:
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
	close(j.entries)
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
