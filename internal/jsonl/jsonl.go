// Package jsonl reads files of JSON lines and appends to them, so that half a
// line is never built upon.
//
// # Basics
//
// [Scan] shows every whole line of a file and hands out what follows the last
// newline. [Open] opens a file for appending after its end was mended: a last
// line that only lacks its newline gets it (editors take it away), and one that a
// crash or a full disk cut off is taken away. [File.Append] writes and syncs; when
// that fails, the file is put back to where it was, and if even that fails,
// nothing is appended to it any more.
//
// # Promises
//
// What [File.Append] acknowledged is on disk. Nothing is written, and nothing is
// cut off, before every line was shown to the caller, who may refuse the file.
//
// # Leaves out
//
// What the lines say, and locks between processes.
package jsonl

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"qgen-sidecar/internal/atomicfile"
)

var bom = []byte("\xef\xbb\xbf")

// End is how a file ends.
type End struct {
	Lines int    // that end in a newline
	Bytes int64  // of these
	Rest  []byte // what follows them
}

// Scan calls each with every line that ends in a newline and is not blank,
// without the blanks around it; number is 1-based. A byte order mark before the
// first line is passed over. An error of each ends the reading and is returned as
// it is.
func Scan(r io.Reader, each func(number int, line []byte) error) (end End, err error) {
	in := bufio.NewReaderSize(r, 1<<16)
	for {
		line, err := in.ReadBytes('\n')
		if end.Lines == 0 {
			end.Bytes += int64(len(line) - len(bytes.TrimPrefix(line, bom)))
			line = bytes.TrimPrefix(line, bom)
		}
		if errors.Is(err, io.EOF) {
			end.Rest = line
			return end, nil
		}
		if err != nil {
			return end, err
		}
		end.Lines++
		end.Bytes += int64(len(line))
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if err := each(end.Lines, line); err != nil {
			return end, err
		}
	}
}

// File is open for appending. One goroutine at a time may use it.
type File struct {
	f      *os.File
	size   int64
	broken error // why nothing is appended any more
}

// Reader says what a file may hold.
type Reader struct {
	// Line is shown every whole line, and a last one that only lacks its newline.
	Line func(number int, line []byte) error
	// Half is shown what may be the half of a last line, before it is cut off; an
	// error keeps the file as it is. nil: it is cut off.
	Half func(number int, half []byte) error
}

// Open opens path for appending, and creates it. cut is what was taken away: the
// half of a last line, "" mostly.
func Open(path string, r Reader) (file *File, cut []byte, err error) {
	_, stat := os.Stat(path)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o644)
	if err != nil {
		return nil, nil, err
	}
	if errors.Is(stat, fs.ErrNotExist) {
		err = atomicfile.SyncDir(filepath.Dir(path))
	}
	if err == nil {
		file, cut, err = Use(f, r)
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return file, cut, nil
}

// Use is Open of a file that is open for reading and appending, and at its
// beginning. When it fails, f is still the caller's.
func Use(f *os.File, r Reader) (file *File, cut []byte, err error) {
	end, err := Scan(f, r.Line)
	if err != nil {
		return nil, nil, err
	}
	out := &File{f: f, size: end.Bytes}
	switch last := bytes.TrimSpace(end.Rest); {
	case len(end.Rest) == 0:
		return out, nil, nil
	case len(last) == 0:
		return out, nil, out.cutOff()
	case Whole(last):
		if err := r.Line(end.Lines+1, last); err != nil {
			return nil, nil, err
		}
		out.size += int64(len(end.Rest))
		return out, nil, out.Append([]byte("\n"))
	}
	if r.Half != nil {
		if err := r.Half(end.Lines+1, end.Rest); err != nil {
			return nil, nil, err
		}
	}
	return out, end.Rest, out.cutOff()
}

// Whole reports whether a line without its newline is a whole one: an object, or
// another JSON value that cannot be the beginning of a longer one.
func Whole(line []byte) bool {
	return json.Valid(line) && (line[0] == '{' || line[0] == '[' || line[0] == '"')
}

// HalfOf reports whether a crash may have left half of a line that begins with
// head: its beginning, or zero bytes, which some file systems leave.
func HalfOf(half, head []byte) bool {
	return bytes.HasPrefix(half, head[:min(len(half), len(head))]) || len(bytes.Trim(half, "\x00")) == 0
}

// cutOff ends the file after its last whole line.
func (l *File) cutOff() error { return l.f.Truncate(l.size) }

// Empty takes everything out of the file.
func (l *File) Empty() error {
	if err := l.f.Truncate(0); err != nil {
		return err
	}
	l.size = 0
	return nil
}

// Append writes whole lines and has them on disk before it returns. After an
// error nothing of them is in the file.
func (l *File) Append(lines []byte) error { return l.append(lines, true) }

// AppendUnsynced is Append of what may be lost with the machine.
func (l *File) AppendUnsynced(lines []byte) error { return l.append(lines, false) }

func (l *File) append(lines []byte, sync bool) error {
	if l.broken != nil {
		return l.broken
	}
	_, err := l.f.Write(lines)
	if err == nil && sync {
		err = l.f.Sync()
	}
	if err == nil {
		l.size += int64(len(lines))
		return nil
	}
	if back := l.cutOff(); back != nil {
		l.broken = fmt.Errorf("an earlier line could not be written and not be taken back (%w); open the file anew", back)
	}
	return err
}

// Name is the path it was opened by.
func (l *File) Name() string { return l.f.Name() }

// Close closes the file.
func (l *File) Close() error { return l.f.Close() }
