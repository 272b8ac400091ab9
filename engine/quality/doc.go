// Package quality measures questions with nothing but their text: no model, no
// store, no file. What needs an index or a judge (round trip, answerability)
// is done by the callers, who combine it with these.
//
// Basics
//
//	Standalone(q)          reasons why q only makes sense beside its text
//	Leak(q, chunk)         share of q's word 4-grams that stand in the chunk
//	Similarity(a, b)       Jaccard similarity of shingles, 0…1
//	Folded(q)              q without case, blanks and the marks at its end
//	NearDuplicate(a, b)    Similarity at or above DuplicateThreshold
//	Duplicates(set)        near duplicates within a set, later ones against earlier
//	Language(text)         ISO 639-1 code, "und" when unsure
//	Diversity(set)         distinct-n, NGD, mean pairwise similarity …
//	Visible(text)          text that cannot drive a terminal or fool a reader
//
// Promises: every function is pure, deterministic and safe for concurrent use;
// any bytes are accepted (broken UTF-8 reads as U+FFFD); the cost is linear in
// the text, so a chunk of a megabyte takes milliseconds, and quadratic in
// nothing a caller cannot bound (Diversity samples above 500 questions).
//
// Caveats: Standalone knows the phrases of its table, not meaning: a question
// without a reason may still lean on its text. Language tells the dozen
// languages of its tables apart and calls everything else "und". Words of
// scripts without spaces (Chinese, Japanese, Thai) are taken character by
// character.
package quality
