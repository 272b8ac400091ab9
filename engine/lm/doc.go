// Package lm is the only door to models: chat in a role, embeddings, and the host's
// own functions for both.
//
// # Basics
//
// [New] serves the roles of a config over a dispatcher. [Models.Begin] opens a
// [Call], one method call under way: its context with timeout and account, and what
// its model calls inherit. [Models.Model] is a role as a program.Model,
// [Models.Embed] gives vectors, [Host] is what the application offers.
//
// # Promises
//
// Every call to a model is counted in the account of its Call, which is where usage
// and budgets come from; vectors of the host's own embed cost nothing there. Faults of
// the host's functions are *api.CallbackError, but for complete, which is one endpoint
// among others;
// replies of no use are *api.ReplyError, after retries. [Call.Fault] turns what went
// wrong below into the errors of package api, and a call whose context ended says so.
//
// # Leaves out
//
// Prompts and the reading of replies (program), limits, retries and the cache
// (dispatcher).
package lm
