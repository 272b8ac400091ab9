//go:build unix

package decisions

import (
	"os"
	"syscall"
)

// lockFile takes the file for this process; the end of the process frees it.
func lockFile(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
