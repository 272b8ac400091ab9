package program

import (
	"encoding/json"
	"strings"

	"qgen-sidecar/engine/program/jsontext"
	"qgen-sidecar/engine/program/reply"
)

// jsonObject is the layout in which the outputs are one JSON object, by [Schema].
type jsonObject struct{}

func (jsonObject) form() reply.Form { return reply.JSON }

func (jsonObject) rules([]Field) string {
	return "A reply is one JSON object with exactly these keys, in this order, and nothing around it."
}

func (jsonObject) ask(outputs []Field) string {
	names := make([]string, len(outputs))
	for i, f := range outputs {
		names[i] = "`" + f.Name + "`"
	}
	return "Respond with one JSON object that holds " + strings.Join(names, ", then ") + "."
}

// answer is the object that a reply should be; a missing output reads as null,
// which cannot be mistaken for a value.
func (jsonObject) answer(outputs []Field, d Demo) string {
	b := []byte{'{'}
	for i, f := range outputs {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(jsontext.AppendString(b, f.Name), ": "...)
		switch v, ok := d.Text(f.Name); {
		case !ok:
			b = append(b, "null"...)
		case f.Kind == Integer && reply.IsWholeNumber(v):
			b = append(b, strings.TrimPrefix(v, "+")...)
		default:
			b = jsontext.AppendString(b, reply.Harmless(v))
		}
	}
	return string(append(b, '}'))
}

func (jsonObject) responseFormat(s Signature) json.RawMessage { return Schema(s) }
