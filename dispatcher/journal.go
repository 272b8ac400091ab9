package dispatcher

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// journal is a folder of files to which records are only ever appended, by any
// number of processes at once, and an index of them in memory: the layout of
// Bitcask (Sheehy and Smith 2010), with files that all writers share. A record
// is one write to a file opened for appending, which local file systems do not
// mix with another's; what a killed process or a full disk leaves half written
// is skipped, because the bytes that begin a record cannot stand inside one.
// The oldest files are removed when all of them are larger than the limit.
//
// Appending costs a hundredth of making a file for each record.
type journal struct {
	dir     string
	limit   int64 // of all files
	segment int64 // a file larger than this is followed by another

	mu       sync.Mutex
	files    []*segment // oldest first; the last one is written to
	followed time.Time  // when others' files were last looked for
	index    map[uint64]place
	closed   bool
}

// segment is one file.
type segment struct {
	number  int
	file    *os.File
	scanned int64 // up to here it is in the index
}

// place of a record. The index holds the first eight bytes of its key; the
// record itself holds all of them, and is asked.
type place struct {
	number int32
	length int32
	offset int64
}

// A record is magic, length of the payload, CRC-32C of key and payload, key,
// payload. Payloads are UTF-8, in which the magic's bytes do not occur.
const recordHead = 4 + 4 + 4 + len(key{})

var (
	recordMagic = []byte{0xf7, 'q', 'g', 0xfb}
	castagnoli  = crc32.MakeTable(crc32.Castagnoli)
)

const segmentSuffix = ".replies"

// openJournal makes the folder, readable by its owner alone.
func openJournal(dir string, limit int64) (*journal, error) {
	j := &journal{dir: dir, limit: limit, segment: max(16<<10, limit/16), index: map[uint64]place{}}
	if err := j.list(); err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return nil, err
	}
	// The first file is made here, so that a folder that takes none is told of
	// before the first reply has been paid.
	if len(j.files) == 0 {
		return j, j.begin(1, os.O_CREATE)
	}
	j.evict()
	return j, nil
}

// get is the newest payload kept under k.
func (j *journal) get(k key) ([]byte, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	raw, s := j.lookup(k)
	if raw == nil && j.scan() == nil { // we, or another process, may have written since
		raw, s = j.lookup(k)
	}
	if raw == nil {
		return nil, false
	}
	if j.old(s) && j.append(raw) == nil {
		j.scan()
	}
	return raw[recordHead:], true
}

// lookup is the record that the index knows, nil without one. An index that
// leads to anything else, in a file that somebody damaged, forgets it.
func (j *journal) lookup(k key) ([]byte, *segment) {
	at, ok := j.index[k.short()]
	if !ok {
		return nil, nil
	}
	if s := j.find(int(at.number)); s != nil {
		raw := make([]byte, recordHead+int(at.length))
		if _, err := s.file.ReadAt(raw, at.offset); err == nil && intact(raw, k) {
			return raw, s
		}
	}
	delete(j.index, k.short())
	return nil, nil
}

// old: the file is among those that go next. What is still asked for moves on.
func (j *journal) old(s *segment) bool {
	return len(j.files) > 4 && s.number <= j.files[len(j.files)/4].number
}

// put appends a record.
func (j *journal) put(k key, payload []byte) error {
	raw := make([]byte, recordHead, recordHead+len(payload))
	copy(raw, recordMagic)
	binary.LittleEndian.PutUint32(raw[4:], uint32(len(payload)))
	copy(raw[12:], k[:])
	raw = append(raw, payload...)
	binary.LittleEndian.PutUint32(raw[8:], crc32.Checksum(raw[12:], castagnoli))
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.append(raw)
}

func (j *journal) append(raw []byte) error {
	if j.closed {
		return os.ErrClosed
	}
	if time.Since(j.followed) > time.Second {
		if err := j.follow(); err != nil {
			return err
		}
	}
	info, err := j.last().file.Stat()
	if err != nil {
		return err
	}
	if info.Size() >= j.segment {
		if err := j.begin(j.last().number+1, os.O_CREATE); err != nil {
			return err
		}
		j.evict()
	}
	_, err = j.last().file.Write(raw)
	return err
}

func (j *journal) last() *segment { return j.files[len(j.files)-1] }

func intact(raw []byte, k key) bool {
	return bytes.Equal(raw[:4], recordMagic) && bytes.Equal(raw[12:recordHead], k[:]) &&
		binary.LittleEndian.Uint32(raw[8:]) == crc32.Checksum(raw[12:], castagnoli)
}

// scan brings the index up to date: with files never read, and with the last
// two, since a process may still write to the one before the last.
func (j *journal) scan() error {
	if j.closed {
		return os.ErrClosed
	}
	if err := j.follow(); err != nil {
		return err
	}
	for i, s := range j.files {
		if s.scanned == 0 || i >= len(j.files)-2 {
			if err := j.read(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// follow opens the files that other processes have begun after ours.
func (j *journal) follow() error {
	j.followed = time.Now()
	for {
		before := j.last().number
		if err := j.begin(before+1, 0); err != nil {
			return err
		}
		if j.last().number > before {
			continue
		}
		if _, err := os.Stat(j.name(before)); !errors.Is(err, os.ErrNotExist) {
			return err
		}
		// They went on so far that ours is removed already, and the next too.
		if err := j.list(); err != nil {
			return err
		}
		if j.last().number == before {
			return j.begin(before+1, os.O_CREATE) // somebody emptied the folder
		}
		j.forgetRemoved()
	}
}

// scanWindow is how much of a file is read at a time.
const scanWindow = 1 << 20

// read indexes what was written to a file since the last time.
func (j *journal) read(s *segment) error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	size := info.Size()
	if size < s.scanned {
		s.scanned = 0 // somebody has cut it; what is gone proves so when read
	}
	for s.scanned < size {
		window := make([]byte, min(size-s.scanned, scanWindow))
		n, err := s.file.ReadAt(window, s.scanned)
		if err != nil && err != io.EOF {
			return err
		}
		used := j.indexWindow(s, window[:n], size)
		if used == 0 {
			return nil // the rest is half a record
		}
		s.scanned += used
	}
	return nil
}

// indexWindow indexes the records that begin in a window of a file, and returns
// how far it came: up to a record that is not all there yet, or beyond the
// window with the last one.
func (j *journal) indexWindow(s *segment, window []byte, size int64) int64 {
	at := 0
	for {
		skip := -1
		if at < len(window) {
			skip = bytes.Index(window[at:], recordMagic)
		}
		if skip < 0 { // but the first bytes of a magic may be the last here
			return int64(max(at, len(window)-len(recordMagic)+1))
		}
		at += skip
		if len(window)-at < recordHead {
			return int64(at)
		}
		length := int(binary.LittleEndian.Uint32(window[at+4:]))
		end := at + recordHead + length
		inside := window[at+4 : min(end+len(recordMagic)-1, len(window))]
		switch torn := bytes.Index(inside, recordMagic); {
		case torn >= 0: // another record begins inside: this one was cut
			at += 4 + torn
			continue
		case s.scanned+int64(end) > size:
			return int64(at)
		}
		j.index[binary.LittleEndian.Uint64(window[at+12:])] = place{int32(s.number), int32(length), s.scanned + int64(at)}
		at = end
	}
}

func (k key) short() uint64 { return binary.LittleEndian.Uint64(k[:8]) }

func (j *journal) find(number int) *segment {
	i, ok := slices.BinarySearchFunc(j.files, number, func(s *segment, n int) int { return s.number - n })
	if !ok {
		return nil
	}
	return j.files[i]
}

func (j *journal) name(number int) string {
	return filepath.Join(j.dir, fmt.Sprintf("%08d%s", number, segmentSuffix))
}

// list opens the files that are there and newer than those it has.
func (j *journal) list() error {
	if err := os.MkdirAll(j.dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(j.dir) // sorted by name
	if err != nil {
		return err
	}
	for _, e := range entries {
		digits, ok := strings.CutSuffix(e.Name(), segmentSuffix)
		number, err := strconv.Atoi(digits)
		if !ok || err != nil || len(j.files) > 0 && number <= j.last().number {
			continue
		}
		file, err := os.OpenFile(filepath.Join(j.dir, e.Name()), os.O_RDWR|os.O_APPEND, 0)
		if errors.Is(err, os.ErrNotExist) {
			continue // another process has removed it
		}
		if err != nil {
			return err
		}
		j.files = append(j.files, &segment{number: number, file: file})
	}
	return nil
}

// begin goes on to the next file: with os.O_CREATE in any case, else if another
// process has made it.
func (j *journal) begin(number, create int) error {
	file, err := os.OpenFile(j.name(number), os.O_RDWR|os.O_APPEND|create, 0o600)
	if errors.Is(err, os.ErrNotExist) && create == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	j.files = append(j.files, &segment{number: number, file: file})
	j.forgetRemoved()
	return nil
}

// evict removes the oldest files beyond the limit, less one file's room.
func (j *journal) evict() {
	total, sizes := int64(0), make([]int64, len(j.files))
	for i, s := range j.files {
		if info, err := s.file.Stat(); err == nil {
			sizes[i] = info.Size()
			total += sizes[i]
		}
	}
	for i := 0; i < len(sizes)-1 && total > j.limit-j.segment; i++ {
		os.Remove(j.files[i].file.Name())
		total -= sizes[i]
	}
	j.forgetRemoved()
}

// forgetRemoved closes files that are no longer in the folder, whoever removed
// them: their room is given back only when nobody has them open.
func (j *journal) forgetRemoved() {
	kept := j.files[:0]
	for i, s := range j.files {
		if _, err := os.Stat(s.file.Name()); errors.Is(err, os.ErrNotExist) && i < len(j.files)-1 {
			s.file.Close()
			continue
		}
		kept = append(kept, s)
	}
	if removed := len(j.files) - len(kept); removed > 0 {
		oldest := int32(kept[0].number)
		for k, at := range j.index {
			if at.number < oldest {
				delete(j.index, k)
			}
		}
	}
	clear(j.files[len(kept):])
	j.files = kept
}

func (j *journal) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closed = true
	for _, s := range j.files {
		s.file.Close()
	}
	j.files = nil
}
