package rpc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// parentEvery is how often the parent is looked for.
const parentEvery = 500 * time.Millisecond

var errParentGone = errors.New("the parent process is gone")

// WithLife returns a context that ends when this process should: at SIGTERM
// or SIGINT, and when its parent has died, also when something else still
// holds the pipe open. SIGPIPE is ignored from here on: a host that is gone is
// found out by the failed write, and the lock is freed in order.
func WithLife(ctx context.Context) (context.Context, context.CancelFunc) {
	parent := os.Getppid()
	signal.Ignore(syscall.SIGPIPE)
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	orphaned := orphanSignal()
	go watchLife(ctx, cancel, parent, signals, orphaned)
	return ctx, func() { signal.Stop(signals); cancel(nil) }
}

func watchLife(ctx context.Context, cancel context.CancelCauseFunc, parent int, signals, orphaned <-chan os.Signal) {
	tick := time.NewTicker(parentEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case sig := <-signals:
			cancel(fmt.Errorf("signal: %s", sig))
			return
		case <-orphaned:
		case <-tick.C:
		}
		// The kernel's signal also comes when only the thread that started
		// us ended (a worker thread of a Python host): the parent decides.
		if os.Getppid() != parent {
			cancel(errParentGone)
			return
		}
	}
}
