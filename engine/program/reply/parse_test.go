package reply_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/program/reply"
	"qgen-sidecar/engine/program/signature"
)

// observed is one reply with what DSPy 3.4.1 made of it.
type observed struct {
	Adapter    string
	Name       string
	Outputs    json.RawMessage
	Completion string
	Parsed     map[string]any
	Error      string
}

// deliberate are the replies where this package differs from DSPy, and why.
var deliberate = map[string]string{
	"ChatAdapter empty field":          "an empty text is no answer; DSPy accepts it",
	"ChatAdapter bad spacing":          "[[##a##]] can mean nothing else",
	"ChatAdapter indented header":      "DSPy's cut is wrong there: the value starts with ]]",
	"ChatAdapter bold header":          "**[[ ## a ## ]]** can mean nothing else",
	"ChatAdapter code fence":           "the closing fence is no part of the last value",
	"ChatAdapter case":                 "[[ ## A ## ]] can mean nothing else",
	"ChatAdapter literal bad":          "Yes is yes",
	"ChatAdapter literal trailing dot": "yes. is yes",
	"ChatAdapter int 4/5":              "the 4 is the number; with a range, only out of its end",
	"ChatAdapter int with text":        "a remark after the number does not change it",
	"ChatAdapter int bold":             "emphasis is no part of a number",
	"ChatAdapter int Score: 4":         "a label before the number does not change it",
	"ChatAdapter int True":             "a truth value is no score; DSPy makes it 1",
	"ChatAdapter int fence":            "a fence is no part of a number",
	"ChatAdapter int json fence":       "a fence is no part of a number",
	"ChatAdapter int newline text":     "a remark after the number does not change it",
	"JSONAdapter truncated":            "the end of a cut-off value is not known",
	"JSONAdapter number for str":       "true stays JSON's true; DSPy makes it Python's True",
	"JSONAdapter null for str":         "null is no text; DSPy makes it the text None",
	"JSONAdapter list for str":         "a list is no text; DSPy makes it Python's spelling of the list",
	"JSONAdapter int true":             "a truth value is no score; DSPy makes it 1",
}

// signatureOf builds the signature of an observation; ok is false for types that
// no signature here has (lists, floats, booleans, optional values, int literals).
func signatureOf(t *testing.T, raw json.RawMessage) (s signature.Signature, lists []string, ok bool) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	if _, err := dec.Token(); err != nil {
		t.Fatal(err)
	}
	for dec.More() {
		name, _ := dec.Token()
		typ, _ := dec.Token()
		f := signature.NewField(name.(string))
		switch typ {
		case "<class 'str'>":
		case "<class 'int'>":
			f.Kind = signature.Integer
		case "typing.Literal['yes', 'no']":
			f.Kind, f.Choices = signature.OneOf, []string{"yes", "no"}
		case "list[str]":
			lists = append(lists, f.Name)
			continue
		default:
			return s, nil, false
		}
		s.Outputs = append(s.Outputs, f)
	}
	return s, lists, true
}

func TestParseAsDSPyDoes(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "parse.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []observed
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	compared, differing := 0, map[string]bool{}
	for _, c := range cases {
		s, lists, ok := signatureOf(t, c.Outputs)
		if !ok || c.Adapter == "ChatAdapter" && strings.HasPrefix(c.Name, "list ") {
			continue
		}
		compared++
		key := c.Adapter + " " + c.Name
		parse := reply.ParseMarkers
		if c.Adapter == "JSONAdapter" {
			parse = reply.ParseJSON
		}
		got, err := parse(s, c.Completion)
		same := (err != nil) == (c.Error != "")
		if same && err == nil {
			same = cmp.Equal(map[string]string(got), expectedTexts(c.Parsed, lists))
		}
		if !same {
			differing[key] = true
			if deliberate[key] == "" {
				t.Errorf("%s: got %v, %v; DSPy has %v %s", key, got, err, c.Parsed, c.Error)
			}
		}
	}
	for key := range deliberate {
		if !differing[key] {
			t.Errorf("%s: listed as a difference, but agrees with DSPy", key)
		}
	}
	if compared < 50 {
		t.Errorf("expected at least 50 comparable observations, found %d", compared)
	}
}

func expectedTexts(parsed map[string]any, lists []string) map[string]string {
	out := map[string]string{}
	for k, v := range parsed {
		out[k] = fmt.Sprint(v)
	}
	for _, l := range lists {
		delete(out, l)
	}
	return out
}

var judge = signature.Signature{Name: "Judge", Outputs: []signature.Field{
	{Name: "reason", Optional: true},
	{Name: "score", Kind: signature.Integer, Min: 1, Max: 5},
}}

func TestParseInteger(t *testing.T) {
	for text, want := range map[string]string{
		"4": "4", "4.0": "4", "+4": "4", " 4 ": "4", `"4"`: "4", "**4**": "4", "`4`": "4",
		"4/5": "4", "4 / 5": "4", "4 out of 5": "4", "**4/5**": "4", "Score: 4": "4", "**Score:** 4": "4",
		"score = 3": "3", "The final score is 2": "2", "Rating: 5/5": "5", "I give 4": "",
		"4 because it is clear": "4", "4 - good": "4", "4. Clear.": "4", "4, since it is clear": "4", "4\n\nBecause of 3 things.": "4",
		"```\n4\n```": "4", "```json\n4\n```": "4",
		"0": "", "6": "", "9": "", "-1": "", "40": "", "4/10": "", "8/10": "", "4.5": "", "4,5": "", "1,000": "", "3-4": "", "3 or 4": "", "3 to 4": "",
		"3 4": "", "4%": "", "4th": "", "four": "", "True": "", "[4]": "", "": "", "n/a": "", "99999999999999999999": "", "4/50": "",
		"Clarity: 4": "",
	} {
		got, err := reply.ParseMarkers(judge, "[[ ## score ## ]]\n"+text)
		if want == "" && err == nil {
			t.Errorf("%q: expected an error, found %q", text, got["score"])
		}
		if want != "" && (err != nil || got["score"] != want) {
			t.Errorf("%q: expected %q, found %q, %v", text, want, got["score"], err)
		}
	}
}

func TestParseOneOf(t *testing.T) {
	s := signature.Signature{Outputs: []signature.Field{{Name: "query_type", Kind: signature.OneOf, Choices: []string{"factual", "how-to", "how", "Why not?"}}}}
	for text, want := range map[string]string{
		"factual": "factual", "Factual": "factual", "'factual'": "factual", "**factual**.": "factual", "FACTUAL.": "factual",
		"how to": "how-to", "How_To": "how-to", "how": "how", "why not": "Why not?", "`how-to`": "how-to", "Literal[factual]": "factual",
		"query_type: factual": "factual", "factual, since it asks for a fact": "factual", "how-to (procedural)": "how-to",
		"factual or how-to": "", "factual how": "", "facts": "", "factually": "", "not factual": "", "": "", "{query_type}": "",
	} {
		got, err := reply.ParseMarkers(s, "[[ ## query_type ## ]]\n"+text)
		if want == "" && err == nil {
			t.Errorf("%q: expected an error, found %q", text, got["query_type"])
		}
		if want != "" && (err != nil || got["query_type"] != want) {
			t.Errorf("%q: expected %q, found %q, %v", text, want, got["query_type"], err)
		}
	}
}

var twoTexts = signature.Signature{Outputs: []signature.Field{signature.NewField("query_type"), signature.NewField("query_format")}}

func TestParseMarkersForgives(t *testing.T) {
	want := signature.Values{"query_type": "factual", "query_format": "a question"}
	for name, text := range map[string]string{
		"as asked":              "[[ ## query_type ## ]]\nfactual\n\n[[ ## query_format ## ]]\na question\n\n[[ ## completed ## ]]",
		"no blank lines":        "[[ ## query_type ## ]]\nfactual\n[[ ## query_format ## ]]\na question\n[[ ## completed ## ]]",
		"one line":              "[[ ## query_type ## ]] factual [[ ## query_format ## ]] a question [[ ## completed ## ]]",
		"indented":              "  [[ ## query_type ## ]]\n  factual\n\t[[ ## query_format ## ]]\n\ta question",
		"bold":                  "**[[ ## query_type ## ]]** factual\n**[[ ## query_format ## ]]**\na question",
		"tight":                 "[[##query_type##]]\nfactual\n[[##query_format##]]\na question",
		"one hash":              "[[ # query_type # ]]\nfactual\n[[ # query_format # ]]\na question",
		"case and spaces":       "[[ ## Query Type ## ]]\nfactual\n[[ ## QUERY_FORMAT ## ]]\na question",
		"colon":                 "[[ ## query_type ## ]]: factual\n[[ ## query_format ## ]]: a question",
		"heading":               "### [[ ## query_type ## ]]\nfactual\n### [[ ## query_format ## ]]\na question",
		"preface and fence":     "Sure:\n```\n[[ ## query_type ## ]]\nfactual\n[[ ## query_format ## ]]\na question\n```\n",
		"crlf":                  "[[ ## query_type ## ]]\r\nfactual\r\n[[ ## query_format ## ]]\r\na question\r\n",
		"template echoed":       "[[ ## query_type ## ]]\n{query_type}\n[[ ## query_format ## ]]\n{query_format}\n[[ ## completed ## ]]\n[[ ## query_type ## ]]\nfactual\n[[ ## query_format ## ]]\na question",
		"inputs echoed":         "[[ ## chunk_text ## ]]\nabc\n[[ ## query_type ## ]]\nfactual\n[[ ## query_format ## ]]\na question\n[[ ## chunk_text ## ]]\nmore",
		"rambles after closing": "[[ ## query_type ## ]]\nfactual\n[[ ## query_format ## ]]\na question\n[[ ## completed ## ]]\nAnything else?",
	} {
		got, err := reply.ParseMarkers(twoTexts, text)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		reply string
		names string // what the error must name
	}{
		"prose":          {"It is a factual question.", "no marker"},
		"missing":        {"[[ ## query_type ## ]]\nfactual", "query_format is missing"},
		"empty":          {"[[ ## query_type ## ]]\n\n[[ ## query_format ## ]]\nx", "query_type is empty"},
		"placeholder":    {"[[ ## query_type ## ]]\n{query_type}\n[[ ## query_format ## ]]\nx", "query_type is empty"},
		"left out":       {"[[ ## query_type ## ]]\n(left out of this example)\n[[ ## query_format ## ]]\nx", "query_type is empty"},
		"nothing at all": {"", "no marker"},
		"its own name":   {"[[ ## query_type ## ]]\nquery_type\n[[ ## query_format ## ]]\nx", "query_type is empty"},
		"dots":           {"[[ ## query_type ## ]]\n...\n[[ ## query_format ## ]]\nx", "query_type is empty"},
		// As a model of 135 million parameters answered.
		"talk of fields": {"The most relevant query type is `[[## query_type## ]]`.\n\nThe most relevant query format is `[[## query_format## ]]`.", "no marker"},
	} {
		if _, err := reply.ParseMarkers(twoTexts, c.reply); err == nil || !strings.Contains(err.Error(), c.names) {
			t.Errorf("%s: expected an error with %q, found %v", name, c.names, err)
		}
	}
}

func TestParseJSONForgives(t *testing.T) {
	want := signature.Values{"query_type": "fac\"tual", "query_format": "a {question}"}
	for name, text := range map[string]string{
		"plain":          `{"query_type": "fac\"tual", "query_format": "a {question}"}`,
		"other keys":     `{"thought": {"a": [1]}, "query_type": "fac\"tual", "query_format": "a {question}"}`,
		"fence":          "```json\n{\"query_type\": \"fac\\\"tual\", \"query_format\": \"a {question}\"}\n```",
		"prose":          `With {this}: {"query_type": "fac\"tual", "query_format": "a {question}"} I am done {really}.`,
		"trailing comma": `{"query_type": "fac\"tual", "query_format": "a {question}",}`,
		"comment":        "{\"query_type\": \"fac\\\"tual\", // sure\n\"query_format\": \"a {question}\"}",
		"key case":       `{"Query Type": "fac\"tual", "QUERY_FORMAT": "a {question}"}`,
		"wrapped":        `{"AnalyzeQueryRelevance": {"query_type": "fac\"tual", "query_format": "a {question}"}}`,
		"last wins":      `{"query_type": "x", "query_format": "y"} {"query_type": "fac\"tual", "query_format": "a {question}"}`,
		"a bad last":     `{"query_type": "fac\"tual", "query_format": "a {question}"} {"query_type": "x"}`,
	} {
		got, err := reply.ParseJSON(twoTexts, text)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
	for name, text := range map[string]string{
		"cut": `{"query_type": "a", "query_format": "b`, "null": `{"query_type": null, "query_format": "b"}`,
		"list": `{"query_type": ["a"], "query_format": "b"}`, "missing": `{"query_type": "a"}`, "no object": "[]", "braces": strings.Repeat("{", 20000),
	} {
		if got, err := reply.ParseJSON(twoTexts, text); err == nil {
			t.Errorf("%s: expected an error, found %v", name, got)
		}
	}
	python, err := reply.ParseJSON(twoTexts, `{'query_type': 'it\'s', 'query_format': 'b'}`)
	if diff := cmp.Diff(signature.Values{"query_type": "it's", "query_format": "b"}, python); err != nil || diff != "" {
		t.Errorf("python: %v %s", err, diff)
	}
	got, err := reply.ParseJSON(judge, `{"score": 4.0}`)
	if err != nil || got["score"] != "4" || got["reason"] != "" {
		t.Errorf("judge: found %v, %v", got, err)
	}
	if _, err := reply.ParseJSON(judge, `{"reason": "x", "score": 6}`); err == nil || !strings.Contains(err.Error(), "from 1 to 5") {
		t.Errorf("expected a range error, found %v", err)
	}
}
