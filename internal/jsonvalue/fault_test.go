package jsonvalue_test

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"qgen-sidecar/internal/jsonvalue"
)

// goWords are what only a programmer in Go could read.
var goWords = regexp.MustCompile(`json:|Go (struct|value)|unmarshal|literal|looking for|invalid character|top-level|unexpected end|parsing time|Time\.`)

// outer and inner are what the texts of faults are decoded into.
type inner struct {
	N  int             `json:"n"`
	U  uint64          `json:"u"`
	F  float64         `json:"f"`
	B  *bool           `json:"b"`
	L  []string        `json:"l"`
	O  struct{ X int } `json:"o"`
	At time.Time       `json:"at"`
}
type outer struct {
	Text  string `json:"text"`
	Inner inner  `json:"inner"`
}

var faults = map[string]string{
	``:                              "found its end too early",
	`{"text": "x`:                   "found its end too early",
	`[1`:                            "found its end too early",
	`{"a": }`:                       "found '}' where a value should begin",
	`{"a": 1,}`:                     "found '}' where a key in double quotes should begin",
	`{a: 1}`:                        "found 'a' where a key in double quotes should begin",
	`{"a" 1}`:                       "found '1' where the colon after a key should be",
	`{"a": 1 "b": 2}`:               `found '"' where a comma or the object's end should be`,
	`[1 2]`:                         "found '2' where a comma or the array's end should be",
	`{} {}`:                         "found '{' after the end of the value",
	"\"a\nb\"":                      `found '\n' inside a text, where it should be written as an escape such as \n`,
	`"\x"`:                          "found 'x' after a backslash, where a letter such as n or u should be",
	`"\u12g4"`:                      `found 'g' where four hexadecimal digits should follow \u`,
	`trve`:                          "found 'v' where true should be",
	`fake`:                          "found 'k' where false should be",
	`nope`:                          "found 'o' where null should be",
	`-x`:                            "found 'x' inside a number",
	`1.x`:                           "found 'x' inside a number",
	`1ex`:                           "found 'x' inside a number",
	`[]`:                            "found an array at the top, where an object should be",
	`{"text": 5}`:                   `found a number under "text", where a string should be`,
	`{"text": {}}`:                  `found an object under "text", where a string should be`,
	`{"inner": {"n": "5"}}`:         `found a string under "inner.n", where a whole number should be`,
	`{"inner": {"n": 2.5}}`:         `found the number 2.5 under "inner.n", where a whole number should be`,
	`{"inner": {"u": -1}}`:          `found the number -1 under "inner.u", where a whole number of at least 0 should be`,
	`{"inner": {"f": true}}`:        `found true or false under "inner.f", where a number should be`,
	`{"inner": {"b": []}}`:          `found an array under "inner.b", where true or false should be`,
	`{"inner": {"l": "a"}}`:         `found a string under "inner.l", where an array should be`,
	`{"inner": {"o": 1}}`:           `found a number under "inner.o", where an object should be`,
	`{"inner": {"at": "tomorrow"}}`: "where a time such as 2026-03-04T05:06:07Z should be",
	`{"inner": {"at": 5}}`:          "found a value of another kind than it should be",
}

func TestFaultSpeaksToPeople(t *testing.T) {
	for data, want := range faults {
		err := json.Unmarshal([]byte(data), new(outer))
		if err == nil {
			t.Errorf("%s is no fault", data)
			continue
		}
		if got := jsonvalue.Fault(err); !strings.Contains(got, want) || goWords.MatchString(got) {
			t.Errorf("%s: %q, want %q (of %v)", data, got, want, err)
		}
		streamed := json.NewDecoder(strings.NewReader(data)).Decode(new(outer))
		if streamed != nil && goWords.MatchString(jsonvalue.Fault(streamed)) {
			t.Errorf("%s: %q", data, jsonvalue.Fault(streamed))
		}
	}
	if got := jsonvalue.Fault(errors.New("the file is busy")); got != "the file is busy" {
		t.Errorf("another error became %q", got)
	}
}
