//go:build unix

package main

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/optimize"
	"qgen-sidecar/engine/program"
)

func TestPrint(t *testing.T) {
	value := map[string]any{
		"a_count": 3, "list": []string{"x", "y"}, "nothing": nil, "text": "one\ntwo \x1b[31mred",
		"rows": []map[string]any{{"name": "a", "n": 1}, {"name": "bb", "n": 22}},
	}
	for _, c := range []struct {
		terminal, json bool
		want           string
	}{
		{true, false, "a_count  3\nlist     x, y\nnothing  –\nrows\n  n   name\n  1   a\n  22  bb\ntext\n  one\n  two \ufffd[31mred\n"},
		{true, true, "{\n  \"a_count\": 3,\n"},
		{false, false, "{\n  \"a_count\": 3,\n"},
	} {
		var out bytes.Buffer
		m := &console{stdout: &out, terminal: c.terminal, json: c.json}
		must(t, m.print(value))
		got := out.String()
		if !c.terminal || c.json {
			got = got[:min(len(got), len(c.want))]
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("terminal %v, json %v:\n%s", c.terminal, c.json, diff)
		}
	}
}

// Flags become the object that the method would get over the wire.
func TestParamFlags(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--count", "150"}, `{"count":150}`},
		{[]string{"--split", "70/30"}, `{"split":"70/30"}`},
		{[]string{"--split", `{"train":0.5}`}, `{"split":{"train":0.5}}`},
		{[]string{"--split.train", "0.5", "--split.seed", "null"}, `{"split":{"seed":null,"train":0.5}}`},
		{[]string{"--optimizer.num-candidate-programs", "5", "--optimizer.prune=false"}, `{"optimizer":{"num_candidate_programs":5,"prune":false}}`},
		{[]string{"--program", "null"}, `{"program":null}`},
		{[]string{"--program", "p.json", "--dry-run"}, `{"dry_run":true,"program":"p.json"}`},
		{[]string{"--gates", "leak", "--gates", `["language"]`}, `{"gates":["leak","language"]}`},
		{[]string{"--programs", "a.json", "--programs", "null"}, `{"programs":["a.json",null]}`},
		{[]string{"--metric", "judge"}, `{"metric":"judge"}`},
		{[]string{"--payload", `{"a":1}`, "--chunk-id", "5"}, `{"chunk_id":5,"payload":{"a":1}}`},
		{[]string{"--chunk-text", "5"}, `{"chunk_text":"5"}`},
	} {
		found := false
		for _, cmd := range []string{"fetch", "compile", "generate", "compare"} {
			m := &console{stderr: &bytes.Buffer{}}
			fs := m.flagSet(cmd)
			row, _ := api.MethodNamed(cmd)
			p := newParamFlags(fs, row.Params)
			if m.parse(fs, c.args) != nil {
				continue
			}
			if found = true; cmd == "compare" && c.args[0] != "--programs" {
				continue // its split is a part's name
			}
			got, err := p.params()
			if err != nil || string(got) != c.want {
				t.Errorf("%s %q: %s, %v, want %s", cmd, c.args, got, err, c.want)
			}
		}
		if !found {
			t.Errorf("no method takes %q", c.args)
		}
	}
}

func TestExitStatus(t *testing.T) {
	for want, args := range map[int][]string{0: {"version"}, 2: {"nothing-like-it"}, 1: {"folder", "check", "/nowhere/at/all"}} {
		m := &console{stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}}
		if got := run(context.Background(), m, args); got != want {
			t.Errorf("%q: status %d, want %d: %s", args, got, want, m.stderr)
		}
	}
}

func TestCompiledIsShownToAPerson(t *testing.T) {
	score := func(v float64) *float64 { return &v }
	won := program.New(program.Options{GeneratorInstructions: "Ask.\nBe \x1b[1mclear."})
	r := &api.CompileResult{Output: "/w/p.json", Split: api.SplitCounts{Train: 4, Dev: 3, Test: 3}, Warnings: []string{"few entries"}}
	r.Best.Candidate = 1
	r.Usage = api.Usage{Calls: 12, Cached: 2, PromptTokens: 900, CompletionTokens: 100, USD: score(.01)}
	demos := optimize.Demos[program.Demo]{Generator: make([]program.Demo, 2)}
	r.Candidates = []optimize.Candidate{
		{Candidate: -3, Score: score(100. / 3), N: 3},
		{Candidate: 0, Pruned: true, Proposal: &optimize.Proposal{Parent: -3, Predictor: "analyzer", Outcome: "no better"}},
		{Candidate: 1, Score: score(100), N: 2, Errors: 1, Program: won, Proposal: &optimize.Proposal{Parent: -3, Predictor: "generator", Outcome: "accepted", Accepted: true}},
		{Candidate: 2, Pruned: true, Proposal: &optimize.Proposal{Parent: 1, MergedWith: new(int), Predictor: "analyzer", Outcome: "no better"}},
		{Candidate: 12, Pruned: true, Demos: demos},
		{Candidate: 13, Pruned: true},
	}
	var out bytes.Buffer
	m := &console{stdout: &out, terminal: true}
	if err := m.print(r); err != nil {
		t.Fatal(err)
	}
	want := `  candidate  on dev
  -3         33.3 %        no demonstrations
  0          –             instruction of analyzer, from -3: no better
→ 1          100.0 % of 2  instruction of generator, from -3: accepted
  2          –             1 with the analyzer of 0: no better
  12         –             0 and 2 demonstrations, given up
  13         –             given up while looking for demonstrations

chosen by 3 entries of dev: 3 of test are left to evaluate it on

analyzer:
  Given a text chunk and a persona, determine the most relevant query type and format.

generator:
  Ask.
  Be \uFFFD[1mclear.

saved in  /w/p.json
paid      12 calls and 1000 tokens, $0.0100; 2 replies were known, 0.0 s
warning   few entries
`
	want = strings.ReplaceAll(want, `\uFFFD`, "\uFFFD")
	if got := regexp.MustCompile(` +\n`).ReplaceAllString(out.String(), "\n"); got != want {
		t.Error(cmp.Diff(want, got))
	}
}
