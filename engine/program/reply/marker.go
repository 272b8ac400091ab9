package reply

import (
	"regexp"
	"strings"
	"sync"
)

// A marker names the field whose value follows. Prompts hold exactly one
// spelling, [[ ## name ## ]] on a line of its own. Replies may differ in
// spaces, case, indent and emphasis, which small models do.

const completed = "completed"

// Closing is the marker that closes a reply.
const Closing = "[[ ## " + completed + " ## ]]"

// markerName is what may stand between the signs of a marker, in any language.
const markerName = `[\p{L}\p{M}\p{N}_](?:[\p{L}\p{M}\p{N}_'’ -]*[\p{L}\p{M}\p{N}_])?`

var (
	// markerLine reads a reply's line. What follows on the line belongs to the
	// value.
	markerLine = atFirstUse("^([\\s>#*_`-]*)\\[\\[[ \\t]*#+[ \\t]*(" + markerName + ")[ \\t]*#+[ \\t]*\\]\\](.*)$")
	// markerAnywhere is markerLine's core, wherever it stands.
	markerAnywhere = atFirstUse(`\[(\\*)\[([ \t]*#+[ \t]*` + markerName + `[ \t]*#+[ \t]*\]\])`)
	escapedMarker  = atFirstUse(`\[\\(\\*)\[([ \t]*#+[ \t]*` + markerName + `[ \t]*#+[ \t]*\]\])`)
)

// atFirstUse is a pattern that is compiled when it is first used: with all of Unicode's
// letters it takes longer than all else at the start of a process.
func atFirstUse(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// Marker is the line that a field's value follows.
func Marker(name string) string { return "[[ ## " + name + " ## ]]" }

// Harmless puts a backslash between the brackets of whatever looks like a
// marker inside a value, so that no reader of the prompt can take it for one:
// [[ ## query ## ]] becomes [\[ ## query ## ]]. restored takes it away again;
// one backslash is added to those already there, so both ways lose nothing.
func Harmless(text string) string {
	if !strings.Contains(text, "[[") && !strings.Contains(text, `[\`) { // the rule, and regexps are dear
		return text
	}
	return markerAnywhere().ReplaceAllString(text, `[\$1[$2`)
}

func restored(text string) string {
	if !strings.Contains(text, `[\`) {
		return text
	}
	return escapedMarker().ReplaceAllString(text, `[$1[$2`)
}

// section is the text under one marker of a reply.
type section struct{ name, text string }

// sections splits a reply at its markers. Text before the first one is left
// out. inline also takes further markers within a line that begins with one; a
// marker amid a sentence is talk about the field, not the field.
func sections(reply string, inline bool) []section {
	reply = unfenced(lineEnds.Replace(reply))
	lines := strings.Split(reply, "\n")
	if inline {
		lines = splitLines(lines)
	}
	var out []section
	for _, line := range lines {
		if name, rest, ok := readMarker(line); ok {
			out = append(out, section{name, rest})
		} else if n := len(out); n > 0 {
			out[n-1].text += "\n" + line
		}
	}
	for i := range out {
		out[i].text = strings.TrimSpace(out[i].text)
	}
	return out
}

// splitLines breaks lines that begin with a marker before every further one.
func splitLines(lines []string) []string {
	var out []string
	for _, line := range lines {
		if markerLine().MatchString(line) {
			line = markerAnywhere().ReplaceAllStringFunc(line, func(m string) string {
				if strings.Contains(m, `\`) {
					return m
				}
				return "\n" + m
			})
		}
		out = append(out, strings.Split(line, "\n")...)
	}
	return out
}

// readMarker reads one line as a marker: the name as fields have it, and the
// rest of the line without the emphasis that was opened before the marker.
func readMarker(line string) (name, rest string, ok bool) {
	if !strings.Contains(line, "[[") { // most lines, and regexps are dear
		return "", "", false
	}
	m := markerLine().FindStringSubmatch(line)
	if m == nil {
		return "", "", false
	}
	rest = m[3]
	if strings.ContainsAny(m[1], "*_`") {
		rest = strings.TrimLeft(rest, "*_`")
	}
	if r := strings.TrimPrefix(rest, ":"); r == "" || strings.HasPrefix(r, " ") {
		rest = r
	}
	return fieldKey(m[2]), rest, true
}

// fieldKey is a name without case, and with underscores for spaces.
func fieldKey(name string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), " ", "_")
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n")

// unfenced takes away a code fence that opens before the first marker and
// closes at the end of the reply.
func unfenced(reply string) string {
	start := strings.Index(reply, "[[")
	trimmed := strings.TrimRight(reply, " \t\n")
	if start < 0 || !strings.HasSuffix(trimmed, "```") || strings.Count(reply[:start], "```")%2 == 0 {
		return reply
	}
	return strings.TrimSuffix(trimmed, "```")
}
