package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

var errParentGone = errors.New("the parent process is gone")

// WithLife returns a context that ends when this process should: at SIGTERM,
// SIGINT or SIGHUP (the terminal is gone), and when its parent has died, also
// when something else still holds the pipe open. SIGPIPE is ignored from here
// on: a host that is gone is found out by the failed write, and the lock is
// freed in order.
func WithLife(ctx context.Context) (context.Context, context.CancelFunc) {
	signal.Ignore(syscall.SIGPIPE)
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	if !signal.Ignored(syscall.SIGHUP) { // nohup
		signal.Notify(signals, syscall.SIGHUP)
	}
	orphaned := parentGone(ctx)
	go func() {
		select {
		case <-ctx.Done():
		case sig := <-signals:
			cancel(fmt.Errorf("signal: %s", sig))
		case <-orphaned:
			cancel(errParentGone)
		}
	}()
	return ctx, func() { signal.Stop(signals); cancel(nil) }
}
