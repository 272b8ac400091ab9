// Package estimate bounds what a job will ask, from the least to the most: calls, tokens,
// money and minutes. It is what a dry run answers.
//
// # Basics
//
// [New] starts a [Bill]; each verb puts its calls on it, with [Tokens] of its prompts,
// and [Bill.Less] takes off what the reply cache holds already.
//
// # Promises
//
// Nothing is asked and nothing written. A figure that cannot be known (a price that is
// not configured, an endpoint without a rate) is left out, never guessed.
//
// # Leaves out
//
// How many calls a job makes: the verbs know that.
package estimate
