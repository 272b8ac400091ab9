// Package program is the pipeline that writes questions, as data: two signatures
// with their demonstrations, the prompts they make, and the file they are saved in.
//
// # Basics
//
// A [Signature] names input and output fields. A [Predictor] is a signature with
// demonstrations. A [Program] is two predictors, analyzer and generator, run one
// after the other by [Program.Run]. [Predict] asks any signature once; the judge
// and the suggestions use it too.
//
// [Predictor.Messages] and [Predictor.MessagesJSON] lay out a call. Both are pure:
// the same arguments give the same bytes, and nothing is asked of anybody. The
// layout is that of DSPy 3.4.1: a system message, demonstrations as user and
// assistant turns (incomplete ones first), the request last, every field under a
// [[ ## field ## ]] marker. The words between the fields are this package's own.
// System message and demonstrations come first and never change, so that servers
// can keep the prefix; they are rendered once per predictor, not per call.
//
// # Promises
//
// [Load] reads what DSPy 3.4.1's Module.save wrote, and Module.load reads what
// [Program.Save] wrote, with equal instructions, field descriptions and
// demonstrations. A file that would break later is refused with the place inside
// it.
//
// A reply that cannot be read, also after it was asked for again, is a
// [*ReplyError], never a guess.
//
// Programs are safe for concurrent use as long as nobody changes them; change a
// [Program.Clone].
//
// # Leaves out
//
// Fields and their values (signature), the reading of a reply (reply). Calls, limits,
// retries of calls, caches and costs: those are the LM's. Field types are not part
// of DSPy's file; they come from [Options].
package program
