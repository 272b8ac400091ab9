// Package engine does the work of every method: it fetches chunks, chooses
// personas, suggests questions, keeps the gold set, compiles and evaluates
// programs, generates questions and saves them.
//
// # Basics
//
// New takes a checked config and what the host offers; Open opens the store;
// then each method of the contract is one method of Engine with one Params and
// one Result type, whose JSON tags are the wire names. One file per verb.
//
// A call travels straight: Generate, for one, loads the program (cached until
// its file changes), asks the dispatcher for analyzer and generator, runs the
// gates and upserts into the store. Everything goes through two doors: the
// dispatcher for models, qdrant.Client for the store.
//
// # Promises
//
// Methods are safe for concurrent use and end soon after their context does.
// A cancelled call answers context.Canceled, one past its own timeout_s a
// *TimeoutError; what models answered until then is in the dispatcher's cache,
// so that a repeated call pays only for the rest. Files are replaced
// atomically. A failed model call is an error or a missing value, never a
// score of zero. What this version cannot do is a *ParamError,
// never an invented result.
//
// Randomness is named: samples and splits are a function of the seed alone
// (see seeded.go), so equal data and seed give equal results everywhere.
//
// # Leaves out
//
// JSON-RPC, terminals and printing; how endpoints are limited and retried
// (dispatcher); how a folder is read (qdrantlock); how prompts look (program);
// what may be concluded from scores (verdict).
package engine
