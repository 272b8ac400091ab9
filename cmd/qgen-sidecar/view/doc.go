// Package view shows the results of commands to a person at a terminal.
//
// # Basics
//
// There is one function for each result, in a file by its topic: [Evaluation],
// [CheckedQuestions], [GeneratedAll] and so on. Each writes on a [Page], which knows how
// wide the terminal is. Results that no method gives ([Finding],
// [Proposal], [Version] and others) are declared beside their view.
//
// # Promises
//
// What was asked for comes first, in a fixed order, numbers with their units. A line has
// at most 100 columns, and at most the terminal's; longer texts are wrapped at words or cut
// with an ellipsis, and only paths stand on one line whatever their length. A list ends
// after a dozen with "… and 96 more" and where the rest is found, unless the list itself
// was asked for. Warnings come last and are all there; an evaluation's stand between its
// figures and its examples. Errors are counted apart. No text from a payload or a model
// can steer the terminal or pass for another line: see quality.Visible.
//
// # Leaves out
//
// JSON, which is the result as it is, and the choice between the two (package main).
package view
