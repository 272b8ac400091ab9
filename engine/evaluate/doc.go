// Package evaluate says whether one program is better than another on gold questions that
// neither was made with.
//
// # Basics
//
// [Evaluator.Evaluate] compares the program with a baseline, [Evaluator.Compare] any two
// programs or models; one call is a [Job]. [Evaluator.BlindOutputs] writes the questions
// that a person scores to find out how far the judge can be trusted.
//
// # Promises
//
// A call that failed is an error in the result, counted apart, and never a zero in an
// average. Which entries were held out is read from the programs' run files; wherever
// that is not known, or the figures flatter, a warning says so.
//
// # Leaves out
//
// Scoring (metric), intervals and tests (verdict), the page (report).
package evaluate
