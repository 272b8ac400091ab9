// Package llmtest is an OpenAI-compatible server for tests: it answers on
// loopback, the same way every time, and misbehaves on request.
//
// # What it is
//
// [New] starts a [Server] that ends with the test. It speaks
// POST /v1/chat/completions, POST /v1/embeddings and GET /v1/models, keeps a
// log of what it was asked ([Server.Requests]), and counts. The command
// cmd/llmserver is the same server as a process of its own, for tests written
// in other languages.
//
// # Its answers
//
// Without a script ([Server.Handle]) the server reads the request as a model
// would: if output fields are asked for, under [[ ## field ## ]] markers or by
// a JSON schema in response_format, it answers all of them, with values that
// are a pure function of the request. Questions name two words of the chunk.
// Demonstrations in the prompt make its questions better in the eyes of its own
// judge, so that an optimiser has something to find. "What is 2+2?" is "4".
// Anything else is a short echo. [ByFields] and [Planted] are other worlds, to be
// set with [Server.Handle].
//
// # Its faults
//
// [Server.Fault] decides per request: an HTTP status with any headers, a hang,
// a reset or cut connection, a malformed body, an error inside a 200, no
// choices, no content, a cut or refused reply. [Server.SetKey],
// [Server.SetLatency] and [Server.SetRPM] hold for every request. [Server.SetLoad]
// makes it cheap enough to measure clients against.
//
// # What it leaves out
//
// It is no model: nothing it says is true, and tokens are counted as four
// bytes each. Keys are never stored, only their SHA-256.
package llmtest
