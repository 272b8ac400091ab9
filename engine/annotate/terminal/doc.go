// Package terminal is what the screens for people share: drawing on a terminal of any
// size, a line of text being typed, the person's own editor, and a printer of lines for
// where there is no screen.
//
// # Basics
//
// A screen is a bubbletea model that embeds a [Canvas] and is run by [Run]. Its picture
// is made of lines ([Canvas.Block], [Canvas.Text], [Canvas.Message]) and brought to size
// by [Canvas.Fit]. [Wrapped] keeps a long text's lines, [Scroll] how far one has read,
// [Input] what is being typed. A [Printer] asks and reads lines instead.
//
// # Promises
//
// Whatever is in a text from outside, it can neither drive the terminal nor hide: [Wrap]
// and [Short], through which all such texts go, make its controls visible. A picture has
// the size of its canvas. Meaning is in words and signs; colour only repeats it, and a
// plain canvas has none.
//
// # Leaves out
//
// What the screens show and what their keys do: packages annotate, review and scoring.
package terminal
