//go:build unix

package folder

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lockFile takes a BSD lock on the whole file, as portalocker does. POSIX
// record locks would not exclude the Python client.
func lockFile(f *os.File) error { return flock(f, unix.LOCK_EX|unix.LOCK_NB) }

func flock(f *os.File, how int) error {
	for {
		err := unix.Flock(int(f.Fd()), how)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if errors.Is(err, unix.EWOULDBLOCK) {
			return errHeld
		}
		return err
	}
}

func isReadOnly(err error) bool { return errors.Is(err, unix.EROFS) }
