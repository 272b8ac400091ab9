package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"qgen-sidecar/internal/atomicfile"
)

// replaceFile is atomicfile.Replace with the errors of files.
func replaceFile(path string, write func(io.Writer) error) error {
	if err := atomicfile.Replace(path, 0o644, write); err != nil {
		return fileFault(path, err)
	}
	return nil
}

// osReason is the system's own words without the path, which the error around
// it names already.
func osReason(err error) string {
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

// marshal is JSON as a person would write it: <, > and & stay themselves.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// absPath resolves a parameter's path against the working directory.
func absPath(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// hashOf is the hex SHA-256 of the parts, each ended by a zero byte so that
// parts cannot run into each other.
func hashOf(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		io.WriteString(h, p)
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}
