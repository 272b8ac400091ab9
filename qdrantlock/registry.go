package qdrantlock

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"qgen-sidecar/internal/atomicfile"
)

// entry is what a sidecar tells others of its user about its share. It lies in
// a file that only the user can read, in a folder that only the user can enter.
type entry struct {
	Path     string `json:"path"` // canonical
	Host     string `json:"host"`
	GRPCPort int    `json:"grpc_port"`
	APIKey   string `json:"api_key"`
	PID      int    `json:"pid"`
}

// registration is the file as long as the share lives; the zero value is none.
type registration struct {
	file  string
	entry entry
}

const registryDir = "qgen-sidecar"

// maxEntry bounds an entry's file in bytes.
const maxEntry = 64 << 10

// register makes the share of the folder at path findable.
func register(path string, share Share) (registration, error) {
	canonical, err := filepath.EvalSymlinks(path)
	if err != nil {
		return registration{}, err
	}
	e := entry{Path: canonical, Host: share.Host, GRPCPort: share.GRPCPort, APIKey: share.APIKey, PID: os.Getpid()}
	var all error
	for _, dir := range runtimeDirs() {
		err := privateDir(dir)
		if err == nil {
			err = writeEntry(filepath.Join(dir, entryName(canonical)), e)
		}
		if err == nil {
			return registration{file: filepath.Join(dir, entryName(canonical)), entry: e}, nil
		}
		all = errors.Join(all, err)
	}
	return registration{}, all
}

// remove takes the file away if it is still this share's.
func (r registration) remove() error {
	if r.file == "" {
		return nil
	}
	if e, err := readEntry(r.file); err != nil || e != r.entry {
		return nil
	}
	return os.Remove(r.file)
}

// findShare looks for a share of path whose process lives. Whether it answers
// is for the caller to try.
func findShare(path string) (Share, bool) {
	canonical, err := filepath.EvalSymlinks(path)
	if err != nil {
		return Share{}, false
	}
	for _, dir := range runtimeDirs() {
		if checkPrivate(dir) != nil {
			continue
		}
		e, err := readEntry(filepath.Join(dir, entryName(canonical)))
		if err == nil && e.Path == canonical && alive(e.PID) {
			return Share{Host: e.Host, GRPCPort: e.GRPCPort, APIKey: e.APIKey}, true
		}
	}
	return Share{}, false
}

// entryName tells nothing about the folder to those who list the directory.
func entryName(canonical string) string {
	sum := sha256.Sum256([]byte(canonical))
	return hex.EncodeToString(sum[:16]) + ".json"
}

// runtimeDirs are where entries may lie, best first.
func runtimeDirs() []string {
	dirs := []string{}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		dirs = append(dirs, filepath.Join(dir, registryDir))
	}
	return append(dirs, filepath.Join(os.TempDir(), fmt.Sprintf("%s-%d", registryDir, os.Getuid())))
}

// privateDir makes the directory if need be, and sees that it is ours alone:
// in a temporary folder anybody could have made it before.
func privateDir(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return checkPrivate(dir)
}

func checkPrivate(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() || !ownedByUs(info) {
		return fmt.Errorf("%s is not a directory of this user, with mode 0700: it is not used for keys", dir)
	}
	return nil
}

// writeEntry replaces the file at once; it has mode 0600 from the start.
func writeEntry(name string, e entry) error {
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return atomicfile.ReplaceBytes(name, 0o600, text)
}

func readEntry(name string) (entry, error) {
	f, err := os.Open(name)
	if err != nil {
		return entry{}, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxEntry))
	if err != nil {
		return entry{}, err
	}
	var e entry
	if err := json.Unmarshal(text, &e); err != nil {
		return entry{}, fmt.Errorf("%s is no share's entry", name)
	}
	return e, nil
}
