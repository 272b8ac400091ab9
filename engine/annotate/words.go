package annotate

import (
	"fmt"
	"strings"
)

// What both front ends say.

const help = `1-5  take that suggestion          w  write your own question
e    edit one, then take it         r  others; r 2, or m: like that one
s    skip this chunk (1 boring, 2 unclear, 3 wrong persona, 4 other)
x    the chunk is unusable           u  undo, as often as you like
p    another persona                 n  note about this chunk
t    the whole text                  ?  this help
q    quit; everything is saved       Enter takes the one marked ▸ on the screen`

// reasons of a skip, by their keys 1 to 4.
var reasons = []string{"boring", "unclear", "wrong persona", "other"}

// whoText is the persona in one line: "Data analyst (match .82): reads, cleans …".
func whoText(it item) string {
	text := it.Name + matchText(it.Match)
	if it.Persona == nil || *it.Persona == "" || *it.Persona == it.Name {
		return strings.TrimSpace(text)
	}
	if it.Name != "" {
		text += ": "
	}
	return strings.TrimSpace(text + *it.Persona)
}

// matchText says how near a persona is: " (match .71)".
func matchText(match *float64) string {
	if match == nil {
		return ""
	}
	return strings.Replace(fmt.Sprintf(" (match %.2f)", *match), "0.", ".", 1)
}
