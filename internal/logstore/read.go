package logstore

import (
	"bytes"
	"io"
	"os"
	"time"
)

// catchUp brings the index up to date: with files never read, and with the last
// two, since a process may still write to the one before the last.
func (s *Store) catchUp() error {
	if s.closed {
		return os.ErrClosed
	}
	if err := s.look(); err != nil {
		return err
	}
	for i, f := range s.files {
		if f.read == 0 || i >= len(s.files)-2 {
			if err := s.read(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// look follows others where they may have gone on: for every call that is not
// known, so that it should cost little.
func (s *Store) look() error {
	if len(s.files) == 0 {
		if err := s.begin(1, 0); err != nil {
			return err
		}
	}
	full, err := s.lastIsFull()
	if err != nil {
		return err
	}
	if full && len(s.files) > 0 || time.Since(s.followed) > lookEvery {
		return s.follow()
	}
	return nil
}

// window is how much of a file is read at a time.
const window = 1 << 20

// read indexes what was written to a file since the last time.
func (s *Store) read(f *file) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	size := info.Size()
	if size < f.read {
		f.read = 0 // somebody has cut it; what is gone proves so when it is asked for
	}
	for f.read < size {
		raw := make([]byte, min(size-f.read, window))
		n, err := f.ReadAt(raw, f.read)
		if err != nil && err != io.EOF {
			return err
		}
		used := s.readWindow(f, raw[:n], size)
		if used == 0 {
			return nil // the rest is half a record
		}
		f.read += used
	}
	return nil
}

// readWindow indexes the records that begin in a part of a file, and returns
// how far it came: up to a record that is not all there yet, or beyond the part
// with its last record.
func (s *Store) readWindow(f *file, raw []byte, size int64) int64 {
	at := 0
	for {
		skip := -1
		if at < len(raw) {
			skip = bytes.Index(raw[at:], magic)
		}
		if skip < 0 { // but the first bytes of a magic may be the last here
			return int64(max(at, len(raw)-len(magic)+1))
		}
		at += skip
		if len(raw)-at < headSize {
			return int64(at)
		}
		end := at + headSize + payloadLength(raw[at:])
		// A magic that begins inside belongs to the next record: this one was
		// cut short.
		inside := raw[at+len(magic) : min(end+len(magic)-1, len(raw))]
		if cut := bytes.Index(inside, magic); cut >= 0 {
			at += len(magic) + cut
			continue
		}
		if f.read+int64(end) > size {
			return int64(at)
		}
		s.know(f, raw[at:], f.read+int64(at))
		at = end
	}
}
