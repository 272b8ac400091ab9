// Package atomicfile replaces files whole: whoever reads, and whatever is left
// by a crash or a full disk, is the old file or the new one.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// Replace lets write fill a new file beside path, syncs it, renames it over path
// and syncs the folder. The mode of a file that is there is kept; a new one has
// perm less the process's umask. A symbolic link stays and what it points to is
// replaced. An error of write is returned as it is.
func Replace(path string, perm fs.FileMode, write func(io.Writer) error) (err error) {
	if real, e := filepath.EvalSymlinks(path); e == nil {
		path = real
	}
	tmp, err := create(path, perm)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	w := bufio.NewWriterSize(tmp, 1<<16)
	if err = write(w); err != nil {
		return err
	}
	if err = errors.Join(w.Flush(), keepMode(tmp, path)); err != nil {
		return err
	}
	if err = errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err = os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// ReplaceBytes is Replace by data.
func ReplaceBytes(path string, perm fs.FileMode, data []byte) error {
	return Replace(path, perm, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// create makes a hidden file of a new name. os.CreateTemp would ignore the umask
// as soon as its mode is widened.
func create(path string, perm fs.FileMode) (*os.File, error) {
	for {
		name := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%08x", filepath.Base(path), rand.Uint32()))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

func keepMode(f *os.File, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return nil // a new file
	}
	return f.Chmod(info.Mode().Perm())
}

// SyncDir makes a rename or a new file in dir durable. Windows, and some file
// systems, have no such operation; that is no error.
func SyncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}
