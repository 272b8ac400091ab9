// Package limits knows when the next call may go to an endpoint, and finds out what
// the endpoint allows.
//
// # Basics
//
// An [Endpoint] holds the limits of one API with one key, of all its models together
// or of each [Model] by itself. Before a call: [Model.ReadyAt], [Model.Full]. It
// went: [Model.Take], which gives a [Taken]; it ended: [Model.Settle], or
// [Model.Return] where nothing was sent. What came back is told by [Model.Answered],
// [Model.Works] and [Model.Refused], its headers ([ReadHeaders]) by [Model.Told].
// [Endpoint.Findings] and [Endpoint.Restore] carry what was found over to the next
// process, in the file of a [Memory].
//
// # Promises
//
//   - A limit is used up smoothly: there are no calendar minutes.
//   - What is configured is kept to, and given up only where refusals prove that
//     there is less. What is not is learned: from headers that two replies in a row
//     gave, and from 429s.
//   - A wait that an endpoint asks for is kept, up to a minute.
//   - Every clock is the caller's: each verb is given the time.
//
// # Leaves out
//
// It knows of calls only that they were sent and what they used; who waits, who is
// chosen and what became of a reply are the rooms above (dispatcher/schedule,
// dispatcher/outcome). Callers do the locking.
package limits
