// Package upstream sends one request to one OpenAI-compatible endpoint over HTTP.
//
// # Basics
//
// A [Client] asks for a chat completion, for vectors, or whether the endpoint is
// there ([Client.Probe]), and gives what became of it as an outcome with the hints of
// the headers. [Quirks] are what a model does not take: known by its name or learned
// from its refusals, and given to whoever writes the body.
//
// # Promises
//
// The body goes out byte for byte as it was written. A redirect is not followed: key
// and prompt would go along. No message holds a key ([Secrets]).
//
// # Leaves out
//
// It neither waits for limits nor repeats what failed (dispatcher/schedule and
// dispatcher), with one exception: a parameter that a model refuses is left out at
// once. What a reply means is said in dispatcher/outcome.
package upstream
