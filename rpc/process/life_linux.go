package process

import (
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
)

// orphanSignal asks the kernel to tell when the parent dies. SIGUSR1, because
// it must not be taken for somebody's wish to end us: see parentGone.
func orphanSignal() <-chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, unix.SIGUSR1)
	// Failing leaves the ticker.
	_ = unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGUSR1), 0, 0, 0)
	return c
}
