// Package metric scores what a program wrote, for compile and evaluate, and says how
// far the one who scores can be trusted.
//
// # Basics
//
// [New] makes a [Scorer] of a metric: the judge (1 to 5) or the host, with gates of
// which each can undo a success. [Scorer.Score] scores one question.
// [Scorer.Agreement] asks the judge about outputs that people scored; [Warning] and
// [Mark] are what is said of a judge that disagrees with them.
//
// # Promises
//
// A score is of 1 to 5, a success is one at or above the threshold that no gate
// speaks against. A judge below kappa = [verdict.KappaTrusted] is named in every
// verdict that rests on it.
//
// # Leaves out
//
// The judge's prompt and the statistics (verdict); the gates (gate); where people's
// scores are kept (gold).
package metric
