package program

import (
	"encoding/json"
	"strings"

	"qgen-sidecar/engine/program/reply"
)

// markers is the layout in which every output stands under its marker.
type markers struct{}

func (markers) form() reply.Form { return reply.Markers }

func (markers) rules(outputs []Field) string {
	var b strings.Builder
	b.WriteString("A reply is nothing but the fields in this order. Each one is a line with its marker, as it stands here, then its value on the lines after; the last marker closes the reply:\n")
	for _, f := range outputs {
		b.WriteString("\n" + reply.Marker(f.Name) + "\n{" + f.Name + "}\n")
	}
	b.WriteString("\n" + reply.Closing)
	return b.String()
}

func (markers) ask(outputs []Field) string {
	names := make([]string, len(outputs))
	for i, f := range outputs {
		names[i] = "`" + reply.Marker(f.Name) + "`"
	}
	return "Respond with " + strings.Join(names, ", then ") + ", and close with `" + reply.Closing + "`."
}

func (markers) answer(outputs []Field, d Demo) string {
	var b strings.Builder
	for _, f := range outputs {
		v, ok := d.Text(f.Name)
		if !ok {
			v = reply.Absent
		}
		b.WriteString(reply.Marker(f.Name) + "\n" + reply.Harmless(v) + "\n\n")
	}
	return b.String() + reply.Closing
}

func (markers) responseFormat(Signature) json.RawMessage { return nil }
