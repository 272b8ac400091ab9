//go:build unix

package process

import (
	"os"

	"golang.org/x/sys/unix"
)

// TakeStdout moves the process's standard output to a descriptor of our own
// and lets descriptor 1 lead to standard error: whatever a library, a child or
// a stray print writes there cannot get between the messages.
func TakeStdout() (*os.File, error) {
	fd, err := unix.FcntlInt(1, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, os.NewSyscallError("dup of standard output", err)
	}
	if err := redirect(2, 1); err != nil {
		return nil, os.NewSyscallError("dup2 of standard error", err)
	}
	return os.NewFile(uintptr(fd), "protocol"), nil
}
