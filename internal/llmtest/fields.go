package llmtest

import (
	"encoding/json"
	"regexp"
	"strings"
)

var (
	marker   = regexp.MustCompile(`\[\[ ## (\w+) ## \]\]`)
	backtick = regexp.MustCompile("`([a-z][a-z0-9_]*)`")
	literal  = regexp.MustCompile(`Literal\[([^\]]+)\]`)
	oneOf    = regexp.MustCompile(`(?i)\bone of:?\s*(.+)$`)
)

// askingLine begins the line in which DSPy's adapters ask for the output.
const askingLine = "Respond with "

// section is a field's value under its marker.
type section struct{ name, value string }

// sections reads the fields whose markers stand on a line of their own. A line
// with a marker inside it asks for output and belongs to no field.
func sections(text string) []section {
	var out []section
	asking := false
	for _, line := range strings.Split(text, "\n") {
		m := marker.FindStringSubmatch(line)
		switch {
		case m != nil && m[0] == strings.TrimSpace(line):
			out, asking = append(out, section{name: m[1]}), false
		case m != nil || strings.HasPrefix(line, askingLine):
			asking = true
		case len(out) > 0 && !asking:
			out[len(out)-1].value += line + "\n"
		}
	}
	for i := range out {
		out[i].value = strings.TrimSpace(out[i].value)
	}
	return out
}

// outputFields are the fields that a markers prompt asks for: those named in
// the system message, inside a line of the last turn, or shown by a
// demonstration, without those that the last turn gives.
func outputFields(r Request) []string {
	given := map[string]bool{"completed": true}
	for _, s := range sections(r.Last()) {
		given[s.name] = true
	}
	var out []string
	collect := func(re *regexp.Regexp, text string) {
		for _, m := range re.FindAllStringSubmatch(text, -1) {
			if !given[m[1]] {
				given[m[1]] = true
				out = append(out, m[1])
			}
		}
	}
	collect(marker, r.System())
	collect(marker, r.Last())
	for _, demo := range r.Demos() {
		collect(marker, demo)
	}
	if len(out) == 0 && len(given) > 1 {
		collect(backtick, r.System()+"\n"+r.Last())
	}
	return out
}

// choices are the values that the prompt allows for a field, if it lists them.
func choices(r Request, field string) []string {
	named := regexp.MustCompile(`\b` + regexp.QuoteMeta(field) + `\b`)
	for _, line := range strings.Split(r.System()+"\n"+r.Last(), "\n") {
		at := named.FindStringIndex(line)
		if at == nil {
			continue
		}
		// A line may speak of several fields, each followed by its choices.
		line = line[at[1]:]
		if next := marker.FindStringIndex(line); next != nil {
			line = line[:next[0]]
		}
		if m := literal.FindStringSubmatch(line); m != nil {
			return splitChoices(m[1], ",")
		}
		if m := oneOf.FindStringSubmatch(line); m != nil {
			return splitChoices(m[1], separator(m[1]))
		}
	}
	return nil
}

func separator(list string) string {
	for _, sep := range []string{";", "|", ","} {
		if strings.Contains(list, sep) {
			return sep
		}
	}
	return ";"
}

func splitChoices(list, sep string) []string {
	var out []string
	for _, part := range strings.Split(list, sep) {
		if part = strings.Trim(part, " \t.'\"`()[]"); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// schemaOf is the JSON schema in a response_format, nil without one.
func schemaOf(format json.RawMessage) map[string]any {
	var f struct {
		Type       string
		JSONSchema struct{ Schema map[string]any } `json:"json_schema"`
	}
	if json.Unmarshal(format, &f) != nil || f.Type != "json_schema" {
		return nil
	}
	return f.JSONSchema.Schema
}

// wantsJSON: by response_format, or in the words of DSPy's JSON adapter.
func wantsJSON(r Request) bool {
	var f struct{ Type string }
	return json.Unmarshal(r.ResponseFormat, &f) == nil && strings.HasPrefix(f.Type, "json") ||
		strings.Contains(r.Last(), askingLine+"a JSON object")
}
