// Package typemix plans which types of questions a set is to have, and counts which it
// has.
//
// # Basics
//
// [New] makes a [Plan] of the wanted shares (quality.type_mix); [Plan.Of] is the type
// of one question of one chunk. A [Count] counts questions by type; [Count.Shares] is
// the list for a result, with the divergence from the plan.
//
// # Promises
//
// A plan is a function of the shares, the chunk and the question's number alone, so
// that interrupted jobs and slices on several machines have the same one.
//
// # Leaves out
//
// How a type gets into a prompt (program) and whether the model keeps to it.
package typemix
