package folder

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lockBytes covers what portalocker locks there: 64 KiB from the start by
// msvcrt.locking, more by LockFileEx. Overlapping ranges exclude each other.
const lockBytes = 0x7fff0000

func lockFile(f *os.File) error { return lockRange(f, windows.LOCKFILE_EXCLUSIVE_LOCK) }

func lockRange(f *os.File, flags uint32) error {
	flags |= windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, lockBytes, 0, &windows.Overlapped{})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return errHeld
	}
	return err
}

func isReadOnly(err error) bool { return errors.Is(err, windows.ERROR_WRITE_PROTECT) }
