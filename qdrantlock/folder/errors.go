package folder

import (
	"errors"
	"fmt"
)

// ErrNoCollection and ErrExists are for errors.Is.
var (
	ErrNoCollection = errors.New("collection not found")
	ErrExists       = errors.New("collection already exists")
	ErrClosed       = errors.New("folder is closed")
	ErrLockLost     = errors.New(".lock was removed or replaced while this process held it")
)

// LockedError: another process (or this one, a second time) holds the lock.
type LockedError struct {
	Path      string
	HolderPID int // 0: not known
}

func (e *LockedError) Error() string {
	who := "another process"
	if e.HolderPID > 0 {
		who = fmt.Sprintf("process %d", e.HolderPID)
	}
	return fmt.Sprintf("store folder %s is locked by %s: one client at a time may open it; close that client, or let it be a qgen-sidecar with store.share", e.Path, who)
}

// Error is a folder or a collection that cannot be used as asked. Collection
// is "" when the whole folder is meant.
type Error struct {
	Path       string
	Collection string
	Reason     string
	Err        error
}

func (e *Error) Error() string {
	text := "folder " + e.Path
	if e.Collection != "" {
		text += fmt.Sprintf(", collection %q", e.Collection)
	}
	text += ": " + e.Reason
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// BadRowError refuses a write to a point whose row cannot be read.
type BadRowError struct{ Row BadRow }

func (e *BadRowError) Error() string {
	return fmt.Sprintf("%s; a row that cannot be read is never overwritten or deleted, nothing of this batch was written", e.Row)
}

// String is one sentence for a person.
func (b BadRow) String() string {
	id := b.ID
	if id == "" {
		id = "unknown"
	}
	return fmt.Sprintf("collection %q, row %d (point %s): %s", b.Collection, b.RowID, id, b.Reason)
}
