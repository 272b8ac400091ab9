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

// tryShared asks whether anybody holds the lock, for the blink of an eye.
func tryShared(f *os.File) error {
	if err := flock(f, unix.LOCK_SH|unix.LOCK_NB); err != nil {
		return err
	}
	return flock(f, unix.LOCK_UN)
}

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
