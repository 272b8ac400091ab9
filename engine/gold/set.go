package gold

import (
	"context"
	"io/fs"
	"os"
	"slices"
	"sync"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
)

// Set is a gold set that is written to, by this process and others. It keeps what
// it read as long as the file stays the same: a person who annotates adds an entry
// every few seconds, and each suggestion looks at it.
type Set struct {
	path string

	mu    sync.Mutex
	stamp fs.FileInfo
	gold  []Entry
}

// Open reads nothing yet.
func Open(path string) *Set { return &Set{path: path} }

// Path is the set's file.
func (s *Set) Path() string { return s.path }

// PathOf is the gold set that a parameter names; "" means the set's own file.
func (s *Set) PathOf(named string) string {
	if named == "" {
		return s.path
	}
	return files.Abs(named)
}

// Entries is [Read] of the file. The slice is the caller's, its entries are
// shared and are not changed.
func (s *Set) Entries() ([]Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	info, err := os.Stat(s.path)
	if err == nil && files.Same(s.stamp, info) {
		return slices.Clone(s.gold), nil
	}
	gold, err := Read(s.path)
	if err == nil {
		s.stamp, s.gold = info, gold
	}
	return slices.Clone(gold), err
}

// wrote keeps what the file holds now.
func (s *Set) wrote(gold []Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stamp, s.gold = nil, nil
	if info, err := os.Stat(s.path); err == nil {
		s.stamp, s.gold = info, slices.Clone(gold)
	}
}

// Add appends what is not there yet, and says how many entries there are then.
func (s *Set) Add(ctx context.Context, added ...Entry) (count int, err error) {
	return s.change(ctx, func(gold []Entry) ([]Entry, bool) {
		before := len(gold)
		there := make(map[string]bool, len(gold))
		for _, g := range gold {
			there[g.ID()] = true
		}
		for _, g := range added {
			if id := g.ID(); !there[id] {
				there[id] = true
				gold = append(gold, g)
			}
		}
		return gold, len(gold) != before
	})
}

// Remove takes an entry out. One that is not there is no error.
func (s *Set) Remove(ctx context.Context, chunk, question string) (count int, err error) {
	gone := files.Hash(chunk, question)
	return s.change(ctx, func(gold []Entry) ([]Entry, bool) {
		left := slices.DeleteFunc(slices.Clone(gold), func(g Entry) bool { return g.ID() == gone })
		return left, len(left) != len(gold)
	})
}

// Reword gives an entry another question; its other keys and its place stay. An
// entry that is not there any more is a [*api.FileError].
func (s *Set) Reword(ctx context.Context, chunk, question, other string) error {
	id, found := files.Hash(chunk, question), false
	var fault error
	_, err := s.change(ctx, func(gold []Entry) ([]Entry, bool) {
		for i, g := range gold {
			if g.ID() != id {
				continue
			}
			found = true
			raw, err := withKey(g.Raw, "gold_question", other)
			if err != nil {
				fault = err
				return gold, false
			}
			gold[i].Raw, gold[i].laid, gold[i].GoldQuestion = raw, nil, other
		}
		return gold, found
	})
	switch {
	case err != nil:
		return err
	case fault != nil:
		return fault
	case !found:
		return &api.FileError{Path: s.path, Reason: "the entry is not there any more; it was changed or taken out meanwhile"}
	}
	return nil
}

// change reads, changes and replaces the gold set under its file lock, so
// that two writers, in this process or in others, lose nothing of each other.
// change says whether there is anything to write.
func (s *Set) change(ctx context.Context, change func([]Entry) ([]Entry, bool)) (count int, err error) {
	unlock, err := files.Lock(ctx, s.path+".lock")
	if err != nil {
		return 0, err
	}
	defer unlock()
	var gold []Entry
	if files.Exists(s.path) {
		if gold, err = s.Entries(); err != nil {
			return 0, err
		}
	}
	gold, changed := change(gold)
	if changed {
		if err := write(s.path, gold); err != nil {
			return 0, err
		}
		s.wrote(gold)
	}
	return len(gold), nil
}
