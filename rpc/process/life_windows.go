package process

import (
	"context"
	"os"

	"golang.org/x/sys/windows"
)

// parentGone is closed when the process that started this one has died. A
// process keeps the number of its dead parent here, so the handle is waited for.
func parentGone(context.Context) <-chan struct{} {
	parent, err := windows.OpenProcess(windows.SYNCHRONIZE, false, uint32(os.Getppid()))
	if err != nil {
		return nil // the end of input remains
	}
	gone := make(chan struct{})
	go func() {
		defer windows.CloseHandle(parent)
		if event, err := windows.WaitForSingleObject(parent, windows.INFINITE); err == nil && event == windows.WAIT_OBJECT_0 {
			close(gone)
		}
	}()
	return gone
}
