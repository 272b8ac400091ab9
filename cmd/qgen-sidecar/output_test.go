//go:build unix

package main

import (
	"bytes"
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/rpc"
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
		m := &Main{Stdout: &out, Terminal: c.terminal, json: c.json}
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
			m := &Main{Stderr: &bytes.Buffer{}}
			fs := m.flagSet(cmd)
			row, _ := rpc.MethodNamed(cmd)
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
		m := &Main{Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}}
		if got := m.Run(context.Background(), args); got != want {
			t.Errorf("%q: status %d, want %d: %s", args, got, want, m.Stderr)
		}
	}
}
