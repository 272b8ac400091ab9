package points_test

import (
	"strings"
	"testing"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/qdrantlock/folder"
	"qgen-sidecar/qdrantlock/points"
)

var subject = points.Subject{
	ID: folder.ID{Num: 7},
	Payload: map[string]any{
		"s": "Red Fox, running", "i": int64(5), "f": 2.5, "one": 1.0, "t": true, "n": nil, "e": []any{},
		"list": []any{int64(1), int64(3), nil}, "when": "2024-03-01T12:00:00+01:00",
		"obj":    map[string]any{"a": map[string]any{"b": int64(9)}, "odd key": "x"},
		"rows":   []any{map[string]any{"k": "a", "v": int64(1)}, map[string]any{"k": "b", "v": int64(2)}, int64(4)},
		"berlin": map[string]any{"lon": 13.4, "lat": 52.52},
		"big":    int64(9007199254740993),
		"greek":  "ΟΔΟΣ",
	},
	Has: func(name string) bool { return name == "" },
}

func TestFilterSemantics(t *testing.T) {
	tests := []struct {
		filter string
		want   bool
	}{
		{`{}`, true},
		{`null`, true},
		{`{"should": []}`, true},
		{`{"must": {"key": "i", "match": {"value": 5}}}`, true},
		{`{"must": [{"key": "one", "match": {"value": 1}}]}`, false},
		{`{"must": [{"key": "t", "match": {"value": 1}}]}`, false},
		{`{"must": [{"key": "t", "match": {"value": true}}]}`, true},
		{`{"must": [{"key": "i", "match": {"any": [4, 5]}}]}`, true},
		{`{"must": [{"key": "i", "match": {"except": [4]}}]}`, true},
		{`{"must": [{"key": "n", "match": {"except": ["a"]}}]}`, false},
		{`{"must": [{"key": "s", "match": {"text": "fox red"}}]}`, true},
		{`{"must": [{"key": "s", "match": {"text": "fo"}}]}`, false},
		{`{"must": [{"key": "s", "match": {"text": ""}}]}`, false},
		{`{"must": [{"key": "s", "match": {"text_any": "cat fox"}}]}`, true},
		{`{"must": [{"key": "s", "match": {"phrase": "fox running"}}]}`, true},
		{`{"must": [{"key": "s", "match": {"phrase": "red running"}}]}`, false},
		{`{"must": [{"key": "greek", "match": {"text": "οδος"}}]}`, true},
		{`{"must": [{"key": "i", "range": {"gte": 5, "lt": 5.5}}]}`, true},
		{`{"must": [{"key": "t", "range": {"gte": 0}}]}`, false},
		{`{"must": [{"key": "big", "range": {"gt": 9007199254740992}}]}`, true},
		{`{"must": [{"key": "when", "range": {"lt": "2024-03-01T11:00:01Z", "gte": "2024-03-01T11:00:00Z"}}]}`, true},
		{`{"must": [{"key": "when", "range": {"gt": "2024-03-02"}}]}`, false},
		{`{"must": [{"key": "list", "values_count": {"gt": 2, "lte": 3}}]}`, true},
		{`{"must": [{"key": "zz", "values_count": {"lt": 1}}]}`, true},
		{`{"must": [{"key": "s", "values_count": {"gte": 1, "lte": 1}}]}`, true},
		{`{"must": [{"is_empty": {"key": "e"}}, {"is_empty": {"key": "n"}}, {"is_empty": {"key": "zz"}}]}`, true},
		{`{"must": [{"is_empty": {"key": "s"}}]}`, false},
		{`{"must": [{"is_null": {"key": "n"}}, {"is_null": {"key": "list"}}]}`, true},
		{`{"must": [{"is_null": {"key": "zz"}}]}`, false},
		{`{"must": [{"key": "e", "is_empty": true}, {"key": "e", "is_null": false}]}`, true},
		{`{"must": [{"has_id": [7, 8]}, {"has_vector": ""}]}`, true},
		{`{"must_not": [{"has_id": ["0b2f5a6e1b7c4c558f0a2d1f6a3c9e01"]}, {"has_vector": "x"}]}`, true},
		{`{"must": [{"key": "obj.a.b", "match": {"value": 9}}, {"key": "obj.\"odd key\"", "match": {"value": "x"}}]}`, true},
		{`{"must": [{"key": "rows[].k", "match": {"value": "b"}}, {"key": "rows[1].v", "match": {"value": 2}}]}`, true},
		{`{"must": [{"nested": {"key": "rows", "filter": {"must": [{"key": "k", "match": {"value": "a"}}, {"key": "v", "match": {"value": 2}}]}}}]}`, false},
		{`{"must": [{"nested": {"key": "rows[]", "filter": {"must": [{"key": "k", "match": {"value": "b"}}, {"key": "v", "match": {"value": 2}}]}}}]}`, true},
		{`{"must": [{"nested": {"key": "rows", "filter": {"must": [{"has_id": [0, 7]}]}}}]}`, false},
		{`{"min_should": {"conditions": [{"has_id": [7]}, {"has_id": [1]}, {"has_vector": ""}], "min_count": 2}}`, true},
		{`{"min_should": {"conditions": [{"has_id": [7]}, {"has_id": [1]}], "min_count": 2}}`, false},
		{`{"should": [{"has_id": [1]}, {"must_not": [{"has_id": [1]}]}]}`, true},
		{`{"must": [{"key": "berlin", "geo_radius": {"center": {"lon": 13.405, "lat": 52.52}, "radius": 1000}}]}`, true},
		{`{"must": [{"key": "berlin", "geo_radius": {"center": {"lon": 37.6, "lat": 55.7}, "radius": 1600000}}]}`, false},
		{`{"must": [{"key": "berlin", "geo_bounding_box": {"top_left": {"lon": 13, "lat": 53}, "bottom_right": {"lon": 14, "lat": 52}}}]}`, true},
		{`{"must": [{"key": "berlin", "geo_bounding_box": {"top_left": {"lon": 170, "lat": 53}, "bottom_right": {"lon": 14, "lat": 52}}}]}`, true},
		{`{"must": [{"key": "berlin", "geo_polygon": {"exterior": {"points": [{"lon": 13, "lat": 52}, {"lon": 14, "lat": 52}, {"lon": 14, "lat": 53}, {"lon": 13, "lat": 53}, {"lon": 13, "lat": 52}]}}}]}`, true},
		{`{"must": [{"key": "berlin", "geo_polygon": {"exterior": {"points": [{"lon": 13, "lat": 52}, {"lon": 14, "lat": 52}, {"lon": 14, "lat": 53}, {"lon": 13, "lat": 53}]}, "interiors": [{"points": [{"lon": 13.3, "lat": 52.4}, {"lon": 13.5, "lat": 52.4}, {"lon": 13.5, "lat": 52.6}, {"lon": 13.3, "lat": 52.6}]}]}}]}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.filter, func(t *testing.T) {
			message, err := points.ParseFilter([]byte(tt.filter))
			if err != nil {
				t.Fatal(err)
			}
			f, err := points.Compile(message)
			if err != nil {
				t.Fatal(err)
			}
			if got := f.Match(subject); got != tt.want {
				t.Errorf("expected %v", tt.want)
			}
		})
	}
}

func TestParseFilterRefusals(t *testing.T) {
	tests := []struct{ filter, want string }{
		{`{"musst": []}`, `filter: unknown key "musst"; did you mean "must"?`},
		{`{"must": [{"key": "a", "mach": {"value": 1}}]}`, `filter.must[0]: unknown key "mach"; did you mean "match"?`},
		{`{"must": [{"key": "a", "match": {"vlaue": 1}}]}`, `unknown key "vlaue"; did you mean "value"?`},
		{`{"must": [{"slice": {"index": 0, "total": 2}}]}`, `condition "slice" is not in the version`},
		{`{"must": [{"key": "a", "match": {"value": 1.5}}]}`, "filter.must[0].match.value: expected a string, a whole number"},
		{`{"must": [{"key": "a", "match": {"any": ["x", 1]}}]}`, "expected an array of strings or of whole numbers"},
		{`{"must": [{"key": "a", "match": {"value": 1}, "range": {"lt": 1}}]}`, "[match range] together"},
		{`{"must": [{"key": "a"}]}`, `field condition on "a" is empty`},
		{`{"must": [{}]}`, "expected a condition, found {}"},
		{`{"must": 3}`, "expected an object with"},
		{`{"must": [{"has_id": ["abc"]}]}`, "Unable to parse UUID: abc"},
		{`{"must": [{"has_id": [-1]}]}`, "expected a whole number or a UUID, found -1"},
		{`{"min_should": {"conditions": []}}`, "filter.min_should.min_count: expected a whole number of at least 1, found nothing"},
		{`{"min_should": {"conditions": [], "min_count": 0}}`, "must be 1 or larger"},
		{`{"must": [{"key": "a.", "is_null": true}]}`, `invalid payload path "a."`},
		{`{"must": [{"key": "a", "range": {"lt": "tomorrow"}}]}`, "expected a date"},
		{`[]`, "filter: expected an object"},
		{`{"must": `, "filter: expected an object"},
	}
	for _, tt := range tests {
		t.Run(tt.filter, func(t *testing.T) {
			_, err := points.ParseFilter([]byte(tt.filter))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("expected %q, found %v", tt.want, err)
			}
		})
	}
}

func TestParseDatetime(t *testing.T) {
	tests := []struct {
		text string
		unix int64 // microseconds; 0: refused
	}{
		{"1970-01-01T00:00:01Z", 1e6},
		{"1970-01-01 00:00:01", 1e6},
		{"  1970-01-01T00:00:01z", 1e6},
		{"1970-01-01T01:00:01+01:00", 1e6},
		{"1970-01-01T01:00:01+01", 1e6},
		{"1970-01-01T01:00:01 +0100", 1e6},
		{"1970-01-01 00:00:01 UTC", 1e6},
		{"1970-01-01T00:01", 60e6},
		{"1970-01-02", 86400e6},
		{"1970-01-01T00:00:00.1234567Z", 123456},
		{"1970-01-01T00", 0},
		{"1970-01-01T00:01+01:00", 0},
		{"1970-02-30", 0},
		{"1970-13-01", 0},
		{"1970-01-01T24:00:00Z", 0},
		{"1970-01-01T00:00:01Zx", 0},
		{"soon", 0},
		{"", 0},
	}
	for _, tt := range tests {
		at, ok := points.ParseDatetime(tt.text)
		if ok != (tt.unix != 0) || ok && at.UnixMicro() != tt.unix {
			t.Errorf("%q: found %v, %v", tt.text, at, ok)
		}
	}
}

func TestPayloadSelectors(t *testing.T) {
	payload := map[string]any{
		"a": map[string]any{"b": int64(1), "c": int64(2)}, "a.b": int64(4), "l": []any{map[string]any{"b": int64(5), "c": int64(6)}},
	}
	tests := []struct {
		exclude bool
		keys    []string
		want    string
	}{
		{false, []string{"a.b"}, `{a:{b:1}}`},
		{false, []string{`"a.b"`, "l[].c"}, `{a.b:4 l:[{c:6}]}`},
		{false, []string{"l[0].c"}, `{l:[]}`},
		{false, nil, `{}`},
		{false, []string{"a.b", "a"}, `{a:{b:1 c:2}}`},
		{true, []string{"a", "l[].b"}, `{a.b:4 l:[{c:6}]}`},
		{true, []string{"l[]"}, `{a:{b:1 c:2} a.b:4 l:[]}`},
		{true, []string{"l[0]"}, `{a:{b:1 c:2} a.b:4 l:[{b:5 c:6}]}`},
	}
	for _, tt := range tests {
		sel, err := points.Include(tt.keys)
		if tt.exclude {
			sel, err = points.Exclude(tt.keys)
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := show(sel.Apply(payload)); got != tt.want {
			t.Errorf("%v %v: expected %s, found %s", tt.exclude, tt.keys, tt.want, got)
		}
	}
}

func TestParseUUID(t *testing.T) {
	const canonical = "0b2f5a6e-1b7c-4c55-8f0a-2d1f6a3c9e01"
	for text, ok := range map[string]bool{
		canonical: true, "0B2F5A6E-1B7C-4C55-8F0A-2D1F6A3C9E01": true, "0b2f5a6e1b7c4c558f0a2d1f6a3c9e01": true,
		"{" + canonical + "}": true, "urn:uuid:" + canonical: true,
		"": false, "abc": false, canonical + "0": false, "{0b2f5a6e1b7c4c558f0a2d1f6a3c9e01}": false,
		"0b2f5a6e_1b7c-4c55-8f0a-2d1f6a3c9e01": false, "gb2f5a6e-1b7c-4c55-8f0a-2d1f6a3c9e01": false,
	} {
		got, found := points.ParseUUID(text)
		if found != ok || ok && got != canonical {
			t.Errorf("%q: found %q, %v", text, got, found)
		}
	}
}

// FuzzParseFilter: whatever the text, an error or a filter that compiles and
// can be asked; never a panic.
func FuzzParseFilter(f *testing.F) {
	f.Add([]byte(`{"must": [{"key": "a[].b", "match": {"value": 1}}], "min_should": {"conditions": [{"has_id": [1]}], "min_count": 1}}`))
	f.Add([]byte(`{"must_not": {"nested": {"key": "a", "filter": {"should": [{"key": "b", "range": {"lt": "2020-01-01"}}]}}}}`))
	f.Add([]byte(`{"must": {"key": "g", "geo_polygon": {"exterior": {"points": [{"lon": 1, "lat": 1}]}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		message, err := points.ParseFilter(data)
		if err != nil {
			return
		}
		compiled, err := points.Compile(message)
		if err != nil {
			t.Fatalf("parsed but does not compile: %v", err)
		}
		compiled.Match(subject)
	})
}

func TestCompileRefusesEmptyID(t *testing.T) {
	_, err := points.Compile(&qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewHasID(&qdrant.PointId{})}})
	if err == nil || !strings.Contains(err.Error(), "Empty point id") {
		t.Errorf("found %v", err)
	}
}
