package qdrantlock

import "fmt"

// LockedError: another process holds the folder.
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

// StoreError: the store cannot be used as asked. Collection is "" when the
// whole store is meant.
type StoreError struct {
	Path, URL  string
	Collection string
	Reason     string
	Err        error
}

func (e *StoreError) Error() string {
	where := e.Path
	if where == "" {
		where = e.URL
	}
	if where == "" {
		return "store: " + e.Reason
	}
	if e.Collection != "" {
		return fmt.Sprintf("store %s, collection %q: %s", where, e.Collection, e.Reason)
	}
	return fmt.Sprintf("store %s: %s", where, e.Reason)
}

func (e *StoreError) Unwrap() error { return e.Err }
