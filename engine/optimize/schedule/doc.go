// Package schedule asks what a strategy wants to know, as much at once as there are
// places, until nothing is left to ask or going on makes no sense.
//
// # Basics
//
// A [Strategy] says which [Job] is next. [Schedule.Run] asks it and hands the answer
// back, one at a time. There are two ways to write a strategy: with a Next of its own,
// which looks at everything that could be asked and picks what decides most; or as a
// [Script], a function that asks for some answers, waits for them and goes on.
//
//	s := schedule.New(ctx, schedule.Options{Places: 8, MaxErrors: 10})
//	defer s.Close()
//	script := schedule.NewScript(func(sc *schedule.Script) {
//		if sc.Ask(first...) {
//			sc.Ask(second...)
//		}
//	})
//	defer script.End()
//	err := s.Run(script)
//
// # Promises
//
// One goroutine, that of Run's caller, owns all state: it calls Next, Take and
// scripts, so none of them needs a lock. Only Job.Ask runs beside it. A panic of Ask
// comes out of Run.
//
// After the end (the context's, an error that says that everything is spent, too
// many failures in a row) nothing more is asked. What is in work then still counts if
// it is answered, and is forgotten if it is not. An answer whose [Need] is over is
// never taken.
//
// # Leaves out
//
// What is asked, and what follows from it: the strategies' (package optimize). How many
// calls may be in flight at an endpoint: the caller's.
package schedule
