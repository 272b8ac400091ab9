// Package report writes a comparison of two programs as a page that people
// read: one HTML file without network, and the same as JSON and Markdown beside
// it.
//
// Basics: fill a Data, call Write(path, d). path "report.html" gives
// report.html, report.json and report.md, each replaced atomically.
//
// Promises: the page opens from disk, loads nothing, works by keyboard, in
// light and dark, and stays under 2 MB: long texts and then whole rows are cut
// with a note (the JSON keeps all of it). Nothing in the data can become
// markup or script; control and bidirectional characters are shown as visible
// escapes. Losses come first, the five examples worth reading follow a stated
// rule, and a difference is never shown without its interval and whether this
// many examples could have shown one.
//
// Leaves out: any computing of statistics (verdict does that) and any choice
// of what to compare (evaluate and check do that).
package report
