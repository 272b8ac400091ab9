//go:build unix

package atomicfile_test

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"qgen-sidecar/internal/atomicfile"
)

func TestNewFileHonoursTheUmask(t *testing.T) {
	defer unix.Umask(unix.Umask(0o077))
	file := filepath.Join(t.TempDir(), "f")
	if err := atomicfile.ReplaceBytes(file, 0o644, nil); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(file); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}
