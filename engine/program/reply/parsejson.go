package reply

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"qgen-sidecar/engine/program/jsontext"
	"qgen-sidecar/engine/program/signature"
	"qgen-sidecar/internal/clip"
)

// ParseJSON reads a reply that is, or holds, a JSON object into the output
// fields of s. Fences and prose around it, trailing commas, comments and single
// quotes are forgiven; of several objects the last usable one counts, as with
// DSPy. An object that was cut off is refused: its last value is not known.
func ParseJSON(s signature.Signature, reply string) (signature.Values, error) {
	var fault error
	found := objects(reply)
	for i := len(found) - 1; i >= 0; i-- {
		keys, values, ok := decode(found[i])
		if !ok {
			continue
		}
		out, err := fromObject(s, keys, values)
		if err == nil {
			return out, nil
		}
		if fault == nil {
			fault = err
		}
	}
	if fault == nil {
		fault = fmt.Errorf("expected a JSON object with %s, found none in %q", signature.Names(s.Outputs), clip.Runes(reply, 80))
	}
	return nil, fault
}

// fromObject reads the fields at the object's top, else in an object right below
// it: some models wrap the reply in the schema's name.
func fromObject(s signature.Signature, keys []string, values map[string]json.RawMessage) (signature.Values, error) {
	var found []section
	for _, k := range keys {
		found = append(found, section{fieldKey(k), scalar(values[k])})
	}
	out, err := fill(s, relevant(s, found))
	for i := 0; err != nil && i < len(keys); i++ {
		inner, values, innerErr := jsontext.Object(values[keys[i]])
		if innerErr != nil || len(inner) == 0 {
			continue
		}
		if out, innerErr := fromObject(s, inner, values); innerErr == nil {
			return out, nil
		}
	}
	return out, err
}

// scalar is a JSON value as text; null, objects and arrays are no value (DSPy
// makes the text None, or Python's spelling of the list, of them).
func scalar(raw json.RawMessage) string {
	switch raw[0] {
	case 'n', '{', '[':
		return ""
	}
	return jsontext.Text(raw)
}

// relevant keeps the signature's outputs only.
func relevant(s signature.Signature, found []section) []section {
	var out []section
	for _, sec := range found {
		for _, f := range s.Outputs {
			if fieldKey(f.Name) == sec.name {
				out = append(out, sec)
				break
			}
		}
	}
	return out
}

// objects are the balanced {…} of a text in order; inner ones only of braces
// that are no object themselves.
func objects(text string) []string {
	const most = 256 // tries: a reply of braces only must not cost its square
	var out []string
	for i, tries := 0, 0; i < len(text) && tries < most; i++ {
		if text[i] != '{' {
			continue
		}
		tries++
		if end := balanced(text[i:]); end > 0 {
			out = append(out, text[i:i+end])
			if _, _, ok := decode(text[i : i+end]); ok {
				i += end - 1
			}
		}
	}
	return out
}

// balanced is the length of the object that text starts with, 0 if it does not
// end. Braces in strings do not count.
func balanced(text string) int {
	depth := 0
	var quote byte
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote != 0 && c == '\\':
			i++
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
		case c == '"':
			quote = c
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// decode reads an object as it is, else after mending what models get wrong.
func decode(text string) ([]string, map[string]json.RawMessage, bool) {
	if !json.Valid([]byte(text)) { // also bounds the depth
		text = mend(text)
	}
	if !json.Valid([]byte(text)) {
		return nil, nil, false
	}
	keys, values, err := jsontext.Object([]byte(text))
	return keys, values, err == nil
}

var (
	trailingComma = regexp.MustCompile(`,(\s*[}\]])`)
	lineComment   = regexp.MustCompile(`(?m)(^|[,{\s])//[^\n"]*$`)
	singleQuoted  = regexp.MustCompile(`([{,:]\s*)'((?:[^'\\]|\\.)*)'(\s*[,:}])`)
)

// mend turns comments, trailing commas and Python's quotes into JSON. What it
// cannot mend is refused by the decoder afterwards.
func mend(text string) string {
	text = lineComment.ReplaceAllString(text, "$1")
	for range 2 { // neighbours share the comma between them
		text = singleQuoted.ReplaceAllStringFunc(text, func(m string) string {
			p := singleQuoted.FindStringSubmatch(m)
			return p[1] + string(jsontext.AppendString(nil, strings.ReplaceAll(p[2], `\'`, `'`))) + p[3]
		})
	}
	return trailingComma.ReplaceAllString(text, "$1")
}
