package logstore

import (
	"encoding/binary"
	"errors"
	"os"
	"sync"
	"time"
	"unicode/utf8"
)

// Store is an open folder. Safe for concurrent use.
type Store struct {
	dir      string
	limit    int64 // of all files
	fileSize int64 // a file that is larger is followed by another

	mu       sync.Mutex
	files    []*file   // oldest first; the last one is written to
	followed time.Time // when others' files were last looked for
	index    map[uint64]place
	closed   bool
}

// file is one of the folder's.
type file struct {
	*os.File
	number int
	read   int64 // up to here it is in the index
}

// place of a record.
type place struct {
	number, length int32 // of the file, of the payload
	offset         int64
}

// Open makes the folder, readable by its owner alone, and bounds it to limit
// bytes. The first file is made by the first Put.
func Open(dir string, limit int64) (*Store, error) {
	s := &Store{dir: dir, limit: limit, fileSize: max(16<<10, limit/16), index: map[uint64]place{}}
	if err := s.list(); err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return nil, err
	}
	s.evict()
	return s, nil
}

// Get is the newest payload put under k. Anything wrong with it is a miss.
func (s *Store) Get(k Key) (payload []byte, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	raw, from := s.lookup(k)
	if raw == nil && s.catchUp() == nil { // we, or another process, may have put it since
		raw, from = s.lookup(k)
	}
	if raw == nil {
		return nil, false
	}
	if s.goesSoon(from) && s.append(raw) == nil {
		s.catchUp()
	}
	return raw[headSize:], true
}

// lookup is the record that the index knows, nil without one. An index that
// leads to anything else, in a file that somebody damaged, forgets it.
func (s *Store) lookup(k Key) ([]byte, *file) {
	at, ok := s.index[k.short()]
	if !ok {
		return nil, nil
	}
	if f := s.find(int(at.number)); f != nil {
		raw := make([]byte, headSize+int(at.length))
		if _, err := f.ReadAt(raw, at.offset); err == nil && intact(raw, k) {
			return raw, f
		}
	}
	delete(s.index, k.short())
	return nil, nil
}

// goesSoon: the file is among the oldest.
func (s *Store) goesSoon(f *file) bool {
	return len(s.files) > 4 && f.number <= s.files[len(s.files)/4].number
}

// Put keeps a payload, which must be UTF-8.
func (s *Store) Put(k Key, payload []byte) error {
	if !utf8.Valid(payload) {
		return errors.New("a record must be UTF-8, and this one is not")
	}
	raw := newRecord(k, payload)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.append(raw)
}

// How often others' files are looked for: by putting, and by getting what is not
// there while the last file known has room. When it is full they are looked for
// at once, and what others write to a file already known is seen at once.
const (
	followEvery = time.Second
	lookEvery   = 10 * time.Millisecond
)

func (s *Store) append(raw []byte) error {
	if s.closed {
		return os.ErrClosed
	}
	if time.Since(s.followed) > followEvery {
		if err := s.follow(); err != nil {
			return err
		}
	}
	full, err := s.lastIsFull()
	if err != nil {
		return err
	}
	if full {
		if err := s.begin(s.lastNumber()+1, os.O_CREATE); err != nil {
			return err
		}
		s.evict()
	}
	_, err = s.files[len(s.files)-1].Write(raw)
	return err
}

// lastIsFull: another file is to be written to, as when there is none.
func (s *Store) lastIsFull() (bool, error) {
	if len(s.files) == 0 {
		return true, nil
	}
	info, err := s.files[len(s.files)-1].Stat()
	return err == nil && info.Size() >= s.fileSize, err
}

// know puts a record into the index.
func (s *Store) know(f *file, head []byte, offset int64) {
	s.index[binary.LittleEndian.Uint64(head[atKey:])] = place{int32(f.number), int32(payloadLength(head)), offset}
}

// Close closes the files. Getting then misses, and putting is an error.
func (s *Store) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, f := range s.files {
		f.Close()
	}
	s.files = nil
}
