package process

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// HungUp is closed when the other end of a pipe or socket was closed. It looks
// without reading: the end of the input shows in a read only behind whatever
// still lies in the pipe. What is neither never hangs up.
func HungUp(f *os.File) <-chan struct{} {
	gone := make(chan struct{})
	// The descriptor's number, not f.Fd(), which would change f's mode.
	conn, err := f.SyscallConn()
	if err != nil {
		return nil
	}
	fd := -1
	if conn.Control(func(n uintptr) { fd = int(n) }) != nil {
		return nil
	}
	go func() {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
		for {
			_, err := unix.Poll(fds, -1)
			switch {
			case errors.Is(err, unix.EINTR):
			case err == nil && fds[0].Revents&(unix.POLLHUP|unix.POLLRDHUP|unix.POLLERR) != 0:
				close(gone)
				return
			default:
				return
			}
		}
	}()
	return gone
}
