// Package parallel runs tasks side by side.
package parallel

import (
	"context"
	"sync"
)

// Do runs tasks with at most n at once, in order of start, and gives
// the first error after all that were started have ended; after an error or
// the end of ctx no further task starts.
func Do(ctx context.Context, n int, tasks []func() error) error {
	var group sync.WaitGroup
	var once sync.Once
	var first error
	failed := make(chan struct{})
	slots := make(chan struct{}, n)
	fail := func(err error) { once.Do(func() { first = err; close(failed) }) }
start:
	for _, task := range tasks {
		select {
		case slots <- struct{}{}:
		case <-failed:
			break start
		case <-ctx.Done():
			fail(context.Cause(ctx))
			break start
		}
		group.Go(func() {
			defer func() { <-slots }()
			if err := task(); err != nil {
				fail(err)
			}
		})
	}
	group.Wait()
	return first
}
