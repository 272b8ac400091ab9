package jsonvalue_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/internal/jsonvalue"
)

func TestKind(t *testing.T) {
	for raw, want := range map[string]string{
		"": "nothing", "  ": "nothing", "{}": "an object", " [1]": "an array", `"x"`: "a string",
		"true": "a boolean", "false": "a boolean", "null": "null", "-1": "a number", "2e3": "a number",
	} {
		if got := jsonvalue.Kind([]byte(raw)); got != want {
			t.Errorf("Kind(%q) = %q, want %q", raw, got, want)
		}
	}
}

func TestMembersKeepOrderAndSpelling(t *testing.T) {
	members, err := jsonvalue.Members([]byte(` {"b": 1.0, "a": {"z" :2}, "b": null} rest`))
	want := []jsonvalue.Member{{Key: "b", Raw: []byte("null")}, {Key: "a", Raw: []byte(`{"z" :2}`)}}
	if diff := cmp.Diff(want, members); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if members, err := jsonvalue.Members([]byte("{}")); err != nil || len(members) != 0 {
		t.Error(members, err)
	}
	if _, err := jsonvalue.Members([]byte("[1]")); !errors.Is(err, jsonvalue.ErrNoObject) {
		t.Error(err)
	}
	for _, bad := range []string{"", "{", `{"a"`, `{"a":`, `{"a": 1`, `{"a": 1,}`, `{1: 2}`, "nope"} {
		if _, err := jsonvalue.Members([]byte(bad)); err == nil || errors.Is(err, jsonvalue.ErrNoObject) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestNumbersAreWholeWhereSpelledSo(t *testing.T) {
	given := map[string]any{"a": []any{json.Number("9007199254740993"), json.Number("1.0"), json.Number("1e400"), "2"}, "b": nil}
	got := jsonvalue.Map(given, jsonvalue.Number)
	inf, _ := json.Number("1e400").Float64()
	want := map[string]any{"a": []any{int64(9007199254740993), 1.0, inf, "2"}, "b": nil}
	if diff := cmp.Diff(any(want), got); diff != "" {
		t.Error(diff)
	}
	if _, kept := given["a"].([]any)[0].(json.Number); !kept {
		t.Error("the given value was changed")
	}
}
