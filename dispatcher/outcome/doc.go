// Package outcome says what became of an attempt: every reply and every HTTP error gets
// its [Kind] here. Callers add only what never went out, or was too large to send.
//
// # Basics
//
// [OfError] sorts an HTTP error, [OfRedirect] a redirect, [OfTransport] an exchange
// that broke, [OfChat] and [OfVectors] what came as 200, [OfHost] what the host's own
// function returned. [Outcome.BesideRequest] looks again, knowing what was asked.
// [WithTimeout] bounds an attempt so that its end is told from the caller's.
//
// # Where a new server's words go
//
// fault.go finds the words of an error in a body of any shape. kinds.go holds what
// the words mean: the order of the cases in classify is the order of precedence, and
// each list says of what its words are said (a key, an account, a model, a prompt).
// replies.go judges what came with a good status. limits.ReadHeaders reads headers.
//
// # Promises
//
// A status decides before any word of the body does, and the body's shape decides
// nothing. What is said of one request is not held against the key.
//
// # Leaves out
//
// What follows from a kind: the endpoint's health and limits (dispatcher/schedule),
// the call's next try (dispatcher). Messages may hold a key that the server repeats:
// dispatcher/upstream takes it out.
package outcome
