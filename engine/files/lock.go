package files

import (
	"context"
	"time"

	"github.com/gofrs/flock"

	"qgen-sidecar/engine/api"
)

// lockPoll is how often a lock that another holds is tried.
const lockPoll = 10 * time.Millisecond

// Lock takes an exclusive lock on path, which it creates, and waits for
// other holders as long as ctx allows. The system frees it when the process
// dies, however it dies.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	lock := flock.New(path, flock.SetPermissions(0o644))
	switch _, err := lock.TryLockContext(ctx, lockPoll); {
	case err == nil:
		return func() { lock.Close() }, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	default:
		return nil, &api.FileError{Path: path, Reason: "cannot be locked: " + Reason(err)}
	}
}
