package jsonvalue_test

import (
	"strings"
	"testing"

	"qgen-sidecar/internal/jsonvalue"
)

func TestUnsound(t *testing.T) {
	for name, c := range map[string]struct {
		data   string
		depth  int
		offset int
		found  string
	}{
		"sound":                    {`{"a": [1, "ü", -2.5e10]}`, 2, 0, ""},
		"Latin-1":                  {"{\"a\": \"caf\xe9\"}", 9, 10, "0xE9"},
		"half a character":         {"\"\xc3", 9, 1, "0xC3"},
		"a replacement character":  {"\"\uFFFD\"", 9, 0, ""},
		"as deep as allowed":       {`[[{}]]`, 3, 0, ""},
		"deeper":                   {`[[{}]]`, 2, 2, "deeper than 2"},
		"brackets in a text":       {`["[[[[", "\"{{{"]`, 1, 0, ""},
		"siblings are not nested":  {`[[],[],[],[]]`, 2, 0, ""},
		"a long number":            {"[" + strings.Repeat("7", 1001) + "]", 9, 1001, "more than 1000 digits"},
		"a number within a text":   {`"` + strings.Repeat("7", 5000) + `"`, 9, 0, ""},
		"as long as allowed":       {"[" + strings.Repeat("7", 1000) + "]", 9, 0, ""},
		"many numbers":             {"[" + strings.Repeat("7,", 5000) + "7]", 9, 0, ""},
		"a long number's fraction": {"0." + strings.Repeat("3", 2000), 9, 1000, "more than 1000 digits"},
	} {
		offset, found := jsonvalue.Unsound([]byte(c.data), c.depth)
		if offset != c.offset || (found == "") != (c.found == "") || !strings.Contains(found, c.found) {
			t.Errorf("%s: %q at %d, want %q at %d", name, found, offset, c.found, c.offset)
		}
	}
}
