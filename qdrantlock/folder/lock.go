package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// lockName holds lockText, which the client writes and nobody reads; the lock
// is on the open file, the file's presence means nothing.
const (
	lockName = ".lock"
	lockText = "tmp lock file"
)

// lock is the held lock file.
type lock struct{ file *os.File }

// errHeld: the system says that somebody else has it.
var errHeld = errors.New("held")

// takeLock locks path's .lock without waiting. If the file is removed or
// replaced between opening and locking, the lock would be on a file that
// nobody else can see; then it tries again.
func takeLock(path string) (*lock, error) {
	name := filepath.Join(path, lockName)
	for range 10 {
		file, err := openLock(name)
		if err != nil {
			return nil, &Error{Path: path, Reason: "the lock file .lock cannot be opened", Err: err}
		}
		if err := lockFile(file); err != nil {
			pid := holder(file, name)
			file.Close()
			if errors.Is(err, errHeld) {
				return nil, &LockedError{Path: path, HolderPID: pid}
			}
			return nil, &Error{Path: path, Reason: "the lock file .lock cannot be locked", Err: err}
		}
		l := &lock{file}
		if l.ours() {
			return l, nil
		}
		l.release()
	}
	return nil, &Error{Path: path, Reason: "the lock file .lock is replaced again and again"}
}

// openLock opens the lock file, and makes it if it is absent. In a folder that
// cannot be written, reading is enough to lock.
func openLock(name string) (*os.File, error) {
	file, err := os.OpenFile(name, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		file, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
		if err == nil {
			_, err = file.WriteString(lockText)
		}
		if errors.Is(err, fs.ErrExist) { // somebody was faster
			file, err = os.OpenFile(name, os.O_RDWR, 0)
		}
	}
	if errors.Is(err, fs.ErrPermission) || isReadOnly(err) {
		return os.Open(name)
	}
	return file, err
}

// ours tells whether the path still leads to the file that is locked. People
// delete .lock by hand; from then on a second process could get in.
func (l *lock) ours() bool {
	held, err := l.file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(l.file.Name())
	return err == nil && os.SameFile(held, there)
}

// release unlocks by closing: the descriptor is not inherited by children.
func (l *lock) release() error { return l.file.Close() }
