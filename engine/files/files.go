package files

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/atomicfile"
)

// Exists reports whether something stands at path, of whatever kind.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// Replace is atomicfile.Replace with the errors of files.
func Replace(path string, write func(io.Writer) error) error {
	if err := atomicfile.Replace(path, 0o644, write); err != nil {
		return Fault(path, err)
	}
	return nil
}

// Reason is the system's own words without the path, which the error around
// it names already.
func Reason(err error) string {
	var pe *fs.PathError
	var le *os.LinkError
	switch {
	case errors.As(err, &pe):
		return pe.Err.Error()
	case errors.As(err, &le):
		return le.Err.Error()
	}
	return err.Error()
}

// Abs resolves a parameter's path against the working directory.
func Abs(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// Hash is the hex SHA-256 of the parts, each ended by a zero byte so that
// parts cannot run into each other.
func Hash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		io.WriteString(h, p)
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Fault is an error of writing a file, unless it is a *FileError already.
func Fault(path string, err error) error {
	var own *api.FileError
	if errors.As(err, &own) {
		return err
	}
	return &api.FileError{Path: path, Reason: "cannot be written: " + Reason(err), Err: err}
}

// Same reports whether nothing about the file says that it changed.
func Same(a, b fs.FileInfo) bool {
	return a != nil && b != nil && os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}
