// Package locktest tells tests whether a folder store is locked, by the means of another
// program. For tests only.
package locktest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gofrs/flock"
)

// Held reports whether somebody holds the lock of a store folder. It waits for nobody
// and creates nothing.
func Held(t testing.TB, folder string) bool {
	t.Helper()
	name := filepath.Join(folder, ".lock")
	if _, err := os.Stat(name); os.IsNotExist(err) {
		return false
	}
	lock := flock.New(name)
	got, err := lock.TryRLock()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if got {
		if err := lock.Unlock(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return !got
}
