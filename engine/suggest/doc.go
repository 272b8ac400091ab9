// Package suggest writes questions of one chunk that a person picks from while
// annotating.
//
// # Basics
//
// [Suggester.Suggest] is the method annotate-suggest; [Suggester.Notice] says why
// suggestions are not searched with.
//
// # Promises
//
// No two suggestions are equal, nor equal to what is to be avoided; near duplicates and
// questions with a fault carry a warning. What a person picked before is shown to the
// model, from other chunks only.
//
// # Leaves out
//
// The screen and what a person decides (annotate, decisions).
package suggest
