// Package scoring is the tool of qgen-sidecar annotate --judge: a person scores outputs
// from 1 to 5, blind, beside the gold question of the same text. How far the judge
// agrees with her is what its licence rests on.
//
// # Basics
//
// Fill [Options] (the outputs in the order in which they are shown, and a function that
// keeps a score) and call [Run]. On a terminal it is a full screen, elsewhere it asks
// and reads lines.
//
// # Promises
//
// A score is kept before the next output is shown, and counted only if it was. Any
// number of scores can be taken back, also those of earlier sittings. Which program
// wrote an output is nowhere to be seen. The words of the scale are those in which the
// judge is asked.
//
// # Leaves out
//
// Which outputs are scored (package evaluate), where scores are kept (package gold), and
// what follows from them (packages verdict and metric).
package scoring
