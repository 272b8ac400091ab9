// Package schedule decides which call goes to which endpoint, and when.
//
// # Basics
//
// A [Want] is one call's wish for an endpoint. [Scheduler.Acquire] waits until one of
// the [Target]s that [Scheduler.Eligible] gave can take it, and grants a [Lease];
// [Scheduler.Release] gives it back with what became of the call, which is where an
// outcome changes an endpoint: its breaker, its ramp, its death, its limits.
// [Scheduler.Status] and [Scheduler.Queue] say how things stand.
//
// What is known of one model at one endpoint (limits, speed, calls in flight) is its
// lane; breaker, ramp and death are the endpoint's.
//
// # Promises
//
//   - A limit costs time and never an answer. Acquire ends with [ErrHopeless] only
//     when every eligible endpoint is dead, or at its deadline when all that are left
//     have failed the call or are down.
//   - Waiting calls are served in order, classes of [Priority] by weight, jobs within
//     a class by turns; nobody starves.
//   - Everything that calls change about endpoints and each other is behind one mutex,
//     and no call has a goroutine of its own.
//
// # Leaves out
//
// How a call is sent, what it says and what its reply means. An endpoint is a name and
// its limits; the caller's own knowledge of it travels in [Config].Value.
package schedule
