package outputs

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/internal/atomicfile"
)

// Purpose is what a path serves for, and the name of the kind of file that may be
// written there; "" none.
type Purpose struct{ Path, What, Kind string }

// Guard says which files may be written. Safe for concurrent use.
type Guard struct {
	cfg      *config.Config
	purposes []Purpose
}

// New guards the files of a config: the store, the cache, the sidecar's own folder,
// and what else has a purpose.
func New(cfg *config.Config, purposes ...Purpose) *Guard {
	return &Guard{cfg: cfg, purposes: purposes}
}

// MayWrite finds out whether a file may become one of this kind: it is not there, or
// empty, or holds what the kind's method writes, and has no other purpose here.
// Otherwise it is a *api.FileError. It is asked before anything is paid for, and
// again when the file is written.
func (g *Guard) MayWrite(path string, kind Kind) error {
	real := realPath(path)
	if why := g.purposeOf(real, kind); why != "" {
		return &api.FileError{Path: path, Reason: "nothing is written there: it is " + why + "; name another file"}
	}
	info, err := os.Stat(real)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && info.Mode().IsRegular() && blank(real, info.Size()):
		return nil
	case err != nil:
		return &api.FileError{Path: path, Reason: "cannot be looked at: " + files.Reason(err), Err: err}
	case !info.Mode().IsRegular():
		return &api.FileError{Path: path, Reason: "expected a file, found " + modeName(info.Mode()) + "; name another file"}
	}
	return holds(path, kind)
}

// Replace replaces a file that may become one of this kind.
func (g *Guard) Replace(path string, kind Kind, write func(io.Writer) error) error {
	if err := g.MayWrite(path, kind); err != nil {
		return err
	}
	return files.Replace(path, write)
}

// Free is an error about asked if a path has a purpose here; kind names what is to be
// written there.
func (g *Guard) Free(asked, path, kind string) error {
	if why := g.purposeOf(realPath(path), Kind{Name: kind}); why != "" {
		return &api.FileError{Path: asked, Reason: "nothing is written there: it is " + why + "; name another place"}
	}
	return nil
}

// Writable finds out early whether the folder of a file can be written to.
func Writable(path string) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".qgen-*")
	if err != nil {
		return &api.FileError{Path: path, Reason: "cannot be written: " + files.Reason(err), Err: err}
	}
	f.Close()
	return os.Remove(f.Name())
}

// purposeOf is what a path serves for here that a file of this kind must not
// take its place; "" nothing.
func (g *Guard) purposeOf(real string, kind Kind) string {
	if s := g.cfg.Store; s != nil && s.Path != "" && within(real, s.Path) {
		return "inside the store folder " + s.Path
	}
	if c := g.cfg.Cache.Path; c != "" && within(real, c) {
		return "inside the cache folder " + c
	}
	for _, p := range g.purposes {
		if p.Path != "" && kind.Name != p.Kind && sameName(real, p.Path) {
			return p.What
		}
	}
	if strings.HasSuffix(real, ".lock") {
		return "the name of a lock"
	}
	if within(real, g.cfg.StatePath("programs")) || filepath.Dir(real) == realPath(g.cfg.StatePath()) && !kind.State && strings.Contains(filepath.Base(real), ".journal") {
		return "among the sidecar's own files"
	}
	return ""
}

// blank: nothing stands in a file, or nothing but blanks.
func blank(path string, size int64) bool {
	const most = 4096
	if size == 0 || size > most {
		return size == 0
	}
	data, err := os.ReadFile(path)
	return err == nil && len(bytes.TrimSpace(data)) == 0
}

// holds reports, as a *FileError, what else than the kind a file holds.
func holds(path string, kind Kind) error {
	f, err := os.Open(path)
	if err != nil {
		return &api.FileError{Path: path, Reason: "cannot be read: " + files.Reason(err), Err: err}
	}
	defer f.Close()
	line, found, err := kind.Check(f)
	if err != nil {
		return &api.FileError{Path: path, Reason: "cannot be read: " + files.Reason(err), Err: err}
	}
	if found != "" {
		return Foreign(path, line, kind, found)
	}
	return nil
}

func modeName(m fs.FileMode) string {
	if m.IsDir() {
		return "a folder"
	}
	return "no regular file (" + m.Type().String() + ")"
}

// realPath follows links as far as the path exists, so that two names of one
// file are one.
func realPath(path string) string {
	path = atomicfile.Resolve(files.Abs(path))
	rest := ""
	for at := path; ; {
		if real, err := filepath.EvalSymlinks(at); err == nil {
			return filepath.Join(real, rest)
		}
		up := filepath.Dir(at)
		if up == at {
			return path
		}
		rest = filepath.Join(filepath.Base(at), rest)
		at = up
	}
}

func within(real, folder string) bool {
	rel, err := filepath.Rel(realPath(folder), real)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// sameName: the same path, or two names of one file.
func sameName(real, other string) bool {
	if real == realPath(other) {
		return true
	}
	a, errA := os.Stat(real)
	b, errB := os.Stat(other)
	return errA == nil && errB == nil && os.SameFile(a, b)
}
