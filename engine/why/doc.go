// Package why tells how a saved question came to be: who asked it, by which program with
// which demonstrations, at what cost, and what its chunk is now.
//
// It reads what the question's payload says and the copy of the program that was kept
// when it was saved (programs), and changes nothing. What is not known any more is said
// to be missing, never guessed.
package why
