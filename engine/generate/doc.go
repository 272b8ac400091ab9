// Package generate asks questions of chunks: one of a given text, or all of a
// collection, live or by way of a batch API; and it saves a question that the caller
// has.
//
// # Basics
//
// [Generator.Generate] asks one question. A [Job] is which chunks of a collection are
// walked over, and which questions each is to have. Two ask on that walk: generate-all
// asks the models ([Generator.GenerateAll]), and export-batch ([Generator.ExportBatch])
// writes what is missing in the reply cache into files, whose answers
// [Generator.ImportBatch] puts there. The dry run only counts.
//
// A question is one or more draws of the program, each held against the gates; what
// all gates refused is asked again once, with the reason (question.go).
//
// # Promises
//
// Every finished question is in the journal (and in the output, and in the store with
// save) before the next of its chunk is begun. The same call after a crash, a cancel or
// a spent budget does only the rest. Memory is bounded, but for some 30 bytes a finished
// question, and with several questions a chunk their texts. Files that are not generate-all's own stay as they are (outputs).
//
// # Leaves out
//
// What the prompts say (program), what the gates measure (gate), how saved questions
// look (store).
package generate
