// Package parallel runs tasks side by side.
//
// A panic of a task is raised again where the tasks are waited for: whoever asked for
// them can recover from it, and no other work of the process is lost.
package parallel

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Group is an errgroup.Group with a limit.
type Group struct {
	tasks *errgroup.Group

	mu       sync.Mutex
	panicked any // of the first task that panicked, with its stack
}

// NewGroup runs at most n tasks at once. The context ends with the first error or panic
// of a task.
func NewGroup(ctx context.Context, n int) (*Group, context.Context) {
	tasks, ctx := errgroup.WithContext(ctx)
	tasks.SetLimit(n)
	return &Group{tasks: tasks}, ctx
}

// Go starts a task, and waits for a place if n are at work.
func (g *Group) Go(task func() error) {
	g.tasks.Go(func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				g.note(p)
				err = fmt.Errorf("panic: %v", p)
			}
		}()
		return task()
	})
}

func (g *Group) note(p any) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.panicked == nil {
		g.panicked = fmt.Sprintf("%v\n\n%s", p, debug.Stack())
	}
}

// Wait gives the first error after all tasks have ended. It panics if a task did.
func (g *Group) Wait() error {
	err := g.tasks.Wait()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.panicked != nil {
		panic(g.panicked)
	}
	return err
}

// Do runs tasks with at most n at once, in order of start, and gives
// the first error after all that were started have ended; after an error or
// the end of ctx no further task starts.
func Do(ctx context.Context, n int, tasks []func() error) error {
	group, ended := NewGroup(ctx, n)
	for _, task := range tasks {
		if ended.Err() != nil {
			break
		}
		group.Go(func() error {
			if ended.Err() != nil {
				return context.Cause(ended)
			}
			return task()
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}
