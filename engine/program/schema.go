package program

import (
	"cmp"
	"encoding/json"

	"qgen-sidecar/engine/program/jsontext"
)

// Schema is the response_format object that asks for s's outputs as JSON: a
// strict json_schema named after the signature, every output required and
// nothing else allowed. Keys are in a fixed order, fields in the signature's.
func Schema(s Signature) json.RawMessage {
	b := []byte(`{"type":"json_schema","json_schema":{"name":`)
	b = jsontext.AppendString(b, cmp.Or(s.Name, "Reply"))
	b = append(b, `,"strict":true,"schema":{"type":"object","properties":{`...)
	required := []byte{}
	for i, f := range s.Outputs {
		if i > 0 {
			b, required = append(b, ','), append(required, ',')
		}
		b = append(append(jsontext.AppendString(b, f.Name), ':'), property(f)...)
		required = jsontext.AppendString(required, f.Name)
	}
	b = append(append(append(b, `},"required":[`...), required...), `],"additionalProperties":false}}}`...)
	return b
}

func property(f Field) []byte {
	p := struct {
		Type        string   `json:"type"`
		Description string   `json:"description,omitempty"`
		Enum        []string `json:"enum,omitempty"`
		Minimum     *int     `json:"minimum,omitempty"`
		Maximum     *int     `json:"maximum,omitempty"`
	}{Type: "string", Description: f.Described()}
	switch {
	case f.Kind == OneOf:
		p.Enum = f.Choices
	case f.Kind == Integer && f.Bounded():
		p.Type, p.Minimum, p.Maximum = "integer", &f.Min, &f.Max
	case f.Kind == Integer:
		p.Type = "integer"
	}
	out, _ := json.Marshal(p) // strings and numbers only: cannot fail
	return out
}
