// Package dispatcher sends model calls to many OpenAI-compatible endpoints, and
// to the host's own function, so that each key works at its limit and no call
// is lost to one.
//
// # The road of a call
//
// [Dispatcher.Chat] looks into the reply cache, joins an equal call that is
// already under way, reserves its share of the budgets it is counted in, waits
// in the queue until an endpoint can take it, sends it, and tries again elsewhere
// where that failed. What the parts of that road need to know stands behind walls:
//
//   - dispatcher/schedule: which call goes to which endpoint and when; everything
//     that calls change about endpoints and each other, behind one mutex.
//   - dispatcher/limits: when the next call may go, and what an endpoint allows.
//   - dispatcher/upstream: one request to one endpoint over HTTP.
//   - dispatcher/outcome: what became of it. Every reply gets its kind there.
//
// Here are the calls themselves (call.go, hedge.go, chat.go, embed.go), equal ones
// that share one (flight.go), the reply cache, accounts and budgets, the host's own
// function, batches, and the door for other code.
//
// # What it promises
//
//   - A limit costs time and never an answer: a 429 closes the model at the
//     endpoint for as long as it asks, and the call goes elsewhere or waits,
//     bounded by its context alone.
//   - A failure is tried elsewhere first. [NoEndpointError] comes when every
//     eligible endpoint is dead or has failed the call, at most 30 s after the
//     first failure.
//   - Nothing is paid twice: every usable reply is kept under the hash of its
//     whole request and its address; equal requests in flight share one call.
//   - Waiting calls are served in order, classes of priority by weight, jobs
//     within a class by turns; nobody starves.
//   - Keys reach the endpoint and nothing else: no log, error, status or file.
//
// # Batches
//
// Under [Collect] a call whose reply is not in the cache is handed over instead of
// sent; [Dispatcher.Keep] puts a batch's reply into the cache (batch.go).
//
// # What it leaves out
//
// It knows nothing of prompts. Streaming is not used towards endpoints. Two
// processes that use one key know of each other only by what is refused.
//
// docs/dispatcher.md says all of it for users.
package dispatcher
