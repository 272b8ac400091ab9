package logstore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// suffix of the files' names, after their number.
const suffix = ".log"

func (s *Store) name(number int) string {
	return filepath.Join(s.dir, fmt.Sprintf("%08d%s", number, suffix))
}

// lastNumber is that of the file that is written to, 0 without one.
func (s *Store) lastNumber() int {
	if len(s.files) == 0 {
		return 0
	}
	return s.files[len(s.files)-1].number
}

func (s *Store) find(number int) *file {
	i, ok := slices.BinarySearchFunc(s.files, number, func(f *file, n int) int { return f.number - n })
	if !ok {
		return nil
	}
	return s.files[i]
}

// list opens the files that are there and newer than those it has.
func (s *Store) list() error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(s.dir) // sorted by name
	if err != nil {
		return err
	}
	for _, e := range entries {
		digits, ok := strings.CutSuffix(e.Name(), suffix)
		number, err := strconv.Atoi(digits)
		if !ok || err != nil || number <= s.lastNumber() {
			continue
		}
		if err := s.begin(number, 0); err != nil {
			return err
		}
	}
	return nil
}

// begin goes on to a file: with os.O_CREATE in any case, else if it is there.
func (s *Store) begin(number, create int) error {
	opened, err := os.OpenFile(s.name(number), os.O_RDWR|os.O_APPEND|create, 0o600)
	if errors.Is(err, os.ErrNotExist) && create == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	s.files = append(s.files, &file{File: opened, number: number})
	return nil
}

// follow opens the files that other processes have begun after ours.
func (s *Store) follow() error {
	s.followed = time.Now()
	for {
		before := s.lastNumber()
		if err := s.begin(before+1, 0); err != nil {
			return err
		}
		if s.lastNumber() > before {
			s.forgetRemoved()
			continue
		}
		if _, err := os.Stat(s.name(before)); !errors.Is(err, os.ErrNotExist) {
			return err
		}
		// They went on so far that ours is removed already, and the next too; or
		// nobody has written yet.
		if err := s.list(); err != nil {
			return err
		}
		if s.lastNumber() > before {
			s.forgetRemoved()
			continue
		}
		if before == 0 {
			return nil
		}
		return s.begin(before+1, os.O_CREATE) // somebody emptied the folder
	}
}

// evict removes the oldest files beyond the limit, less one file's room.
func (s *Store) evict() {
	total, sizes := int64(0), make([]int64, len(s.files))
	for i, f := range s.files {
		if info, err := f.Stat(); err == nil {
			sizes[i] = info.Size()
			total += sizes[i]
		}
	}
	for i := 0; i < len(sizes)-1 && total > s.limit-s.fileSize; i++ {
		os.Remove(s.files[i].Name())
		total -= sizes[i]
	}
	s.forgetRemoved()
}

// forgetRemoved closes files that are no longer in the folder, whoever removed
// them: their room is given back only when nobody has them open.
func (s *Store) forgetRemoved() {
	kept := s.files[:0]
	for i, f := range s.files {
		if _, err := os.Stat(f.Name()); errors.Is(err, os.ErrNotExist) && i < len(s.files)-1 {
			f.Close()
			continue
		}
		kept = append(kept, f)
	}
	if len(kept) < len(s.files) {
		oldest := int32(kept[0].number)
		for k, at := range s.index {
			if at.number < oldest {
				delete(s.index, k)
			}
		}
	}
	clear(s.files[len(kept):])
	s.files = kept
}
