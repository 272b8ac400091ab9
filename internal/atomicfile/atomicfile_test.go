package atomicfile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"qgen-sidecar/internal/atomicfile"
)

func TestReplaceKeepsModeAndLink(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "f"), filepath.Join(dir, "link")
	if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Skip(err) // Windows without the right to
	}
	if err := atomicfile.ReplaceBytes(link, 0o644, []byte("new")); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(file)
	info, _ := os.Stat(file)
	target, err := os.Readlink(link)
	if string(text) != "new" || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 || err != nil || target != file {
		t.Errorf("%q, mode %v, link to %q %v", text, info.Mode(), target, err)
	}
}

func TestFailedReplaceLeavesTheOldFileAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "f")
	if err := os.WriteFile(file, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	own := errors.New("no more")
	err := atomicfile.Replace(file, 0o644, func(w io.Writer) error {
		io.WriteString(w, "half")
		return own
	})
	text, _ := os.ReadFile(file)
	entries, _ := os.ReadDir(dir)
	if err != own || string(text) != "old" || len(entries) != 1 {
		t.Errorf("err = %v, %q, %d entries", err, text, len(entries))
	}
	if err := atomicfile.ReplaceBytes(filepath.Join(dir, "gone", "f"), 0o644, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("err = %v", err)
	}
}
