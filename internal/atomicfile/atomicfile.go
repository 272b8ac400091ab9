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

// File is a file to be replaced: Write fills the new one.
type File struct {
	Path  string
	Perm  fs.FileMode
	Write func(io.Writer) error
}

// Replace lets write fill a new file beside path, syncs it, renames it over path
// and syncs the folder. The mode of a file that is there is kept; a new one has
// perm less the process's umask. A symbolic link stays and what it points to is
// replaced. An error of write is returned as it is.
func Replace(path string, perm fs.FileMode, write func(io.Writer) error) error {
	return ReplaceAll(File{Path: path, Perm: perm, Write: write})
}

// ReplaceAll is Replace of files that belong together: all of them are written
// and synced before the first is renamed, so that a full disk changes none. They
// are renamed in the order given, one after another: a crash in between leaves
// the first ones new and the others old.
func ReplaceAll(files ...File) (err error) {
	var made []*os.File
	var paths []string
	defer func() {
		if err != nil {
			for _, tmp := range made {
				tmp.Close()
				os.Remove(tmp.Name())
			}
		}
	}()
	for _, f := range files {
		path := Resolve(f.Path)
		tmp, err := create(path, f.Perm)
		if err != nil {
			return err
		}
		made, paths = append(made, tmp), append(paths, path)
		if err := fill(tmp, path, f.Write); err != nil {
			return err
		}
	}
	for i, tmp := range made {
		if err := os.Rename(tmp.Name(), paths[i]); err != nil {
			return err
		}
	}
	for _, path := range paths {
		if err := SyncDir(filepath.Dir(path)); err != nil {
			return err
		}
	}
	return nil
}

// mostLinks bounds how many links lead to a file.
const mostLinks = 40

// Resolve follows symbolic links as far as they lead, also where the last of them
// points to nothing yet: what would be written there.
func Resolve(path string) string {
	for range mostLinks {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			return real
		}
		dir, err := filepath.EvalSymlinks(filepath.Dir(path))
		if err != nil {
			return path
		}
		path = filepath.Join(dir, filepath.Base(path))
		to, err := os.Readlink(path)
		if err != nil {
			return path // not there
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(dir, to)
		}
		path = to
	}
	return path
}

// fill has write write tmp, which is to become path, syncs it and closes it.
func fill(tmp *os.File, path string, write func(io.Writer) error) error {
	w := bufio.NewWriterSize(tmp, 1<<16)
	if err := write(w); err != nil {
		return err
	}
	if err := errors.Join(w.Flush(), keepMode(tmp, path)); err != nil {
		return err
	}
	return errors.Join(tmp.Sync(), tmp.Close())
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
