//go:build unix

package process

import (
	"context"
	"os"
	"time"
)

// parentEvery is how often the parent is looked for.
const parentEvery = 500 * time.Millisecond

// parentGone is closed when the process that started this one has died.
func parentGone(ctx context.Context) <-chan struct{} {
	gone := make(chan struct{})
	parent := os.Getppid()
	told := orphanSignal()
	go func() {
		tick := time.NewTicker(parentEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-told:
			case <-tick.C:
			}
			// The kernel's signal also comes when only the thread that started
			// us ended (a worker thread of a Python host): the parent decides.
			if os.Getppid() != parent {
				close(gone)
				return
			}
		}
	}()
	return gone
}
