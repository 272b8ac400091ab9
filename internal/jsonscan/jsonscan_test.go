package jsonscan_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/internal/jsonscan"
)

func TestScan(t *testing.T) {
	nest := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, c := range []struct {
		name, in string
		ok       bool
	}{
		{"object", `{"a":[1,{"b":"}"}]}`, true},
		{"depth 1000", nest(1000), true},
		{"depth 1001", nest(1001), false},
		{"brackets in a string", `"` + strings.Repeat("[", 5000) + `"`, true},
		{"not closed", `{"a":1`, false},
		{"two values", `{} {}`, false},
		{"invalid UTF-8", "\"\xff\"", false},
		{"a lone surrogate escape is JSON", `"\ud800"`, true},
	} {
		if err := jsonscan.Scan([]byte(c.in)); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestMembers(t *testing.T) {
	type member struct{ Key, Value string }
	var got []member
	jsonscan.Members([]byte(` { "a" : 1 , "b\u0063":{"x":[1,"}"]}, "":"\"" ,"n":null,"d":[ ] } `), func(k string, v []byte) {
		got = append(got, member{k, string(v)})
	})
	want := []member{{"a", "1"}, {"bc", `{"x":[1,"}"]}`}, {"", `"\""`}, {"n", "null"}, {"d", "[ ]"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestElements(t *testing.T) {
	for in, want := range map[string][]string{"[]": nil, " [ ] ": nil, `[1, "a,b" ,[2,3],{"x":4}]`: {"1", `"a,b"`, "[2,3]", `{"x":4}`}} {
		var got []string
		for _, e := range jsonscan.Elements([]byte(in), 10) {
			got = append(got, string(e))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", in, diff)
		}
	}
	if n := len(jsonscan.Elements([]byte("[1,2,3,4,5]"), 2)); n != 3 {
		t.Errorf("limit 2 gave %d elements, want 3", n)
	}
}

// Whatever Scan accepts, Members and Elements see as encoding/json does.
func FuzzParts(f *testing.F) {
	for _, s := range []string{`{"a":1,"b":[1,2]}`, `[1,{"x":"]"},"\\"]`, `{"\u0061":{}}`, "[ ]", `{"a":1,"a":2}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if jsonscan.Scan(in) != nil {
			return
		}
		in = bytes.TrimSpace(in)
		switch in[0] {
		case '{':
			var want map[string]json.RawMessage
			if err := json.Unmarshal(in, &want); err != nil {
				t.Fatal(err)
			}
			got := map[string]json.RawMessage{}
			jsonscan.Members(in, func(k string, v []byte) { got[k] = v })
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		case '[':
			var want []json.RawMessage
			if err := json.Unmarshal(in, &want); err != nil {
				t.Fatal(err)
			}
			got := jsonscan.Elements(in, len(in))
			if len(got) != len(want) {
				t.Fatalf("%d elements, want %d", len(got), len(want))
			}
			for i := range got {
				if !bytes.Equal(got[i], want[i]) {
					t.Errorf("element %d: %s, want %s", i, got[i], want[i])
				}
			}
		}
	})
}
