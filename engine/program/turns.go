package program

import "strings"

const (
	partial = "Here is an example in which some fields are left out."
	absent  = "(left out of this example)"
)

// turns shows one demonstration as a user and an assistant turn.
func (p *Predictor) turns(d Demo, layout int) []Message {
	user := given(p.Signature.Inputs, d.Text)
	if !d.Complete(p.Signature) {
		user = partial + "\n\n" + user
	}
	reply := markedReply
	if layout == byJSON {
		reply = jsonReply
	}
	return []Message{{"user", user}, {"assistant", reply(p.Signature.Outputs, d)}}
}

func markedReply(outputs []Field, d Demo) string {
	var b strings.Builder
	for _, f := range outputs {
		v, ok := d.Text(f.Name)
		if !ok {
			v = absent
		}
		b.WriteString(marker(f.Name) + "\n" + harmless(v) + "\n\n")
	}
	return b.String() + marker(completed)
}

// jsonReply is the object that a reply should be; a missing output reads as
// null, which cannot be mistaken for a value.
func jsonReply(outputs []Field, d Demo) string {
	b := []byte{'{'}
	for i, f := range outputs {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(appendString(b, f.Name), ": "...)
		switch v, ok := d.Text(f.Name); {
		case !ok:
			b = append(b, "null"...)
		case f.Kind == Integer && wholeNumber.MatchString(v):
			b = append(b, strings.TrimPrefix(v, "+")...)
		default:
			b = appendString(b, harmless(v))
		}
	}
	return string(append(b, '}'))
}
