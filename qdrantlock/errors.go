package qdrantlock

import (
	"fmt"

	"qgen-sidecar/qdrantlock/folder"
)

// LockedError: another process, or this one a second time, holds the folder.
type LockedError = folder.LockedError

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
