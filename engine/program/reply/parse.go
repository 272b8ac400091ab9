package reply

import (
	"errors"
	"fmt"
	"strings"

	"qgen-sidecar/engine/program/signature"
	"qgen-sidecar/internal/clip"
)

// ParseMarkers reads a reply under markers into the output fields of s. Of a
// field given twice the first usable value counts; unknown fields and text
// before the first marker are ignored; the closing marker is not required.
func ParseMarkers(s signature.Signature, reply string) (signature.Values, error) {
	found := sections(reply, false)
	out, err := fill(s, found)
	if err == nil {
		return out, nil
	}
	// Some models keep the markers but not the lines.
	if out, inlineErr := fill(s, sections(reply, true)); inlineErr == nil {
		return out, nil
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("expected the fields %s under their markers, found no marker in %q", signature.Names(s.Outputs), clip.Runes(reply, 80))
	}
	return nil, err
}

// fill reads every output from the sections; the error names all that failed.
func fill(s signature.Signature, found []section) (signature.Values, error) {
	out := signature.Values{}
	var faults []string
	for _, f := range s.Outputs {
		v, err := pick(f, found)
		if err != nil {
			faults = append(faults, "field "+f.Name+" "+err.Error())
			continue
		}
		out[f.Name] = v
	}
	if len(faults) > 0 {
		return nil, errors.New(strings.Join(faults, "; "))
	}
	return out, nil
}

// pick is the first usable value given for f.
func pick(f signature.Field, found []section) (string, error) {
	var first error
	for _, sec := range found {
		if sec.name != fieldKey(f.Name) {
			continue
		}
		v, err := readValue(f, sec.text)
		if err == nil && (v != "" || f.Optional) {
			return v, nil
		}
		if first == nil {
			first = err
		}
	}
	if first == nil && f.Optional {
		return "", nil
	}
	if first == nil {
		first = errors.New("is missing")
	}
	return "", first
}

// cutOff reports whether a reply that ended at the token limit ends within a
// free text, so that the text must be taken for incomplete.
func cutOff(s signature.Signature, reply string) bool {
	found := sections(reply, false)
	if len(found) == 0 {
		return false // no marker: not this layout
	}
	last := found[len(found)-1].name
	for _, f := range s.Outputs {
		if fieldKey(f.Name) == last {
			return f.Kind == signature.Text
		}
	}
	return false
}
