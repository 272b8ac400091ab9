package generate

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/internal/jsonvalue"
)

// shards are the files of a batch. A file has its name when it is whole.
type shards struct {
	prefix       string
	mostRequests int
	mostBytes    int64

	mu       sync.Mutex
	seen     map[[16]byte]bool // 16 bytes a request, for names that differ within a batch
	open     *os.File          // the file being written
	requests int               // in it
	bytes    int64
	files    []string
}

func (s *shards) name(n int) string { return fmt.Sprintf("%s-%05d.jsonl", s.prefix, n) }

// batchLine is a line that OpenAI's Batch API and vllm run-batch take.
type batchLine struct {
	ID     string          `json:"custom_id"`
	Method string          `json:"method"`
	URL    string          `json:"url"`
	Body   json.RawMessage `json:"body"`
}

// add puts a request into the files, unless it is there already.
func (s *shards) add(r dispatcher.BatchRequest) error {
	line, err := jsonvalue.Marshal(batchLine{ID: r.ID, Method: "POST", URL: "/v1/chat/completions", Body: r.Body})
	if err != nil {
		return err
	}
	line = append(line, '\n')
	var key [16]byte
	if _, err := hex.Decode(key[:], []byte(r.ID[:32])); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen[key] {
		return nil
	}
	s.seen[key] = true
	if s.open != nil && (s.requests == s.mostRequests || s.bytes+int64(len(line)) > s.mostBytes) {
		if err := s.finish(); err != nil {
			return err
		}
	}
	if s.open == nil {
		if s.open, err = os.CreateTemp(filepath.Dir(s.prefix), ".qgen-batch-*"); err != nil {
			return s.fault(err)
		}
	}
	s.requests, s.bytes = s.requests+1, s.bytes+int64(len(line))
	if _, err := s.open.Write(line); err != nil {
		return s.fault(err)
	}
	return nil
}

// taken is an error if any file has a name of this batch: it would be replaced, or
// be taken for a part of it.
func (s *shards) taken() error {
	entries, err := os.ReadDir(filepath.Dir(s.prefix))
	if err != nil {
		return &api.FileError{Path: s.prefix, Reason: "cannot be written: " + files.Reason(err), Err: err}
	}
	for _, entry := range entries {
		rest, ours := strings.CutPrefix(entry.Name(), filepath.Base(s.prefix)+"-")
		digits, lines := strings.CutSuffix(rest, ".jsonl")
		if _, err := strconv.ParseUint(digits, 10, 64); ours && lines && err == nil && len(digits) >= 5 {
			return takenShard(filepath.Join(filepath.Dir(s.prefix), entry.Name()))
		}
	}
	return nil
}

func takenShard(path string) error {
	return &api.FileError{Path: path, Reason: "expected a name that is free, found an earlier export: import its results, and name each round another"}
}

// free looks again just before a file gets its name.
func (s *shards) free(name string) error {
	if files.Exists(name) {
		return takenShard(name)
	}
	return nil
}

func (s *shards) fault(err error) error {
	var own *api.FileError
	if errors.As(err, &own) {
		return err
	}
	return &api.FileError{Path: s.name(len(s.files) + 1), Reason: "cannot be written: " + files.Reason(err), Err: err}
}

// finish gives the open file its name.
func (s *shards) finish() error {
	name, f := s.name(len(s.files)+1), s.open
	err := errors.Join(f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = s.free(name)
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		os.Remove(f.Name())
		s.open = nil
		return s.fault(err)
	}
	s.files, s.open, s.requests, s.bytes = append(s.files, name), nil, 0, 0
	return nil
}

// close ends the batch; an export that failed leaves no files.
func (s *shards) close(whole bool) (files []string, requests int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open != nil && whole {
		err = s.finish()
	}
	if !whole || err != nil {
		if s.open != nil {
			s.open.Close()
			os.Remove(s.open.Name())
		}
		for _, name := range s.files {
			os.Remove(name)
		}
		return []string{}, 0, err
	}
	return append([]string{}, s.files...), len(s.seen), nil
}
