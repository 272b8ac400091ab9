// Package enginetest is a whole engine for tests: over a real folder store, with a
// deterministic model server, in a working folder of its own.
//
// # Basics
//
// [New] makes a [World] of a [Setup]; a World is an Engine, so that a test calls the
// methods on it. [Must] takes the value of a call that has to succeed,
// [As] the error of one that has to fail. World.Write, Read and Lines are the working
// folder's files (files.go), World.InStore and Edit the store as another program sees
// it (store.go). What the models answer is changed through World.LLM (llmtest).
//
// # Promises
//
// Equal setups answer equally. A World is closed and its folder removed when the test
// ends. Nothing but tests imports the package; engine/arrows_test.go holds to that.
//
// # Leaves out
//
// What one room's tests need alone: it stands in their files. The door and the command
// line (the tests of rpc and cmd).
package enginetest
