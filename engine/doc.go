// Package engine wires the rooms together: it makes what the config asks for, gives each
// verb the rooms that it stands on, and answers every method in one line.
//
// # Basics
//
// [New] takes a checked config and what the host offers; [Engine.Open] opens the store;
// then each method is one method of [Engine] with one Params and one Result type of
// package api, whose JSON tags are the wire names (methods.go). What a method does is
// in the room that its line names: fetch, suggest, compile, evaluate, generate, check,
// why; gold, persona, programs and lm for what is done there alone.
//
// # Promises
//
// Methods are safe for concurrent use and end soon after their context does.
// A cancelled call answers context.Canceled, one past its own timeout_s a
// *api.TimeoutError; what models answered until then is in the reply cache,
// so that a repeated call pays only for the rest. Files are replaced
// atomically. A failed model call is an error or a missing value, never a
// score of zero. What this version cannot do is a *api.ParamError,
// never an invented result.
//
// Randomness is named: samples and splits are a function of the seed alone
// (internal/seeded), so equal data and seed give equal results everywhere.
//
// # Leaves out
//
// JSON-RPC, terminals and printing; how endpoints are limited and retried
// (dispatcher); how a folder is read (qdrantlock); how prompts look (program);
// what may be concluded from scores (verdict).
package engine
