//go:build unix

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"qgen-sidecar/cmd/qgen-sidecar/view"
	"qgen-sidecar/engine/api"
)

// A person at a terminal sees the view; everybody else, and --json, the result as it is.
func TestShow(t *testing.T) {
	info := view.VersionInfo{Version: "<dev>", Commit: "c", Go: "go", OS: "linux", Arch: "arm64"}
	raw := "{\n  \"version\": \"<dev>\",\n  \"commit\": \"c\",\n  \"go\": \"go\",\n  \"os\": \"linux\",\n  \"arch\": \"arm64\"\n}\n"
	for _, c := range []struct {
		terminal, json bool
		want           string
	}{
		{true, false, "qgen-sidecar <dev>, commit c, go, linux/arm64\n"},
		{true, true, raw},
		{false, false, raw},
	} {
		var out bytes.Buffer
		must(t, show(&console{stdout: &out, terminal: c.terminal, json: c.json}, info, view.Version))
		if diff := cmp.Diff(c.want, out.String()); diff != "" {
			t.Errorf("terminal %v, json %v:\n%s", c.terminal, c.json, diff)
		}
	}
}

// The commands that need no model, at a terminal of 80 columns: what was asked for comes
// first, and no JSON.
func TestCommandsAtATerminal(t *testing.T) {
	storage, err := filepath.Abs("../../qdrantlock/folder/testdata/qdrant/v1_20/storage")
	must(t, err)
	t.Chdir(t.TempDir())
	must(t, os.CopyFS("qdrant_db", os.DirFS(storage)))
	must(t, os.WriteFile("in.json", []byte(`[{"chunk_text":"Leave is kept.","persona_description":"a nurse","gold_question":"Does leave carry over?"}]`), 0o644))
	must(t, os.WriteFile("journal.jsonl", []byte(`{"seq":1,"op":"take","at":"2026-03-04T05:06:07Z","chunk_sha256":"a1","chunk_text":"A","persona_description":"p","question":"About a?"}`+"\n"), 0o644))
	for _, c := range []struct{ line, first string }{
		{"version", "qgen-sidecar dev, commit "},
		{"init", "written    qgen.toml\n"},
		{"folder stats", "folder  "},
		{"folder check", "folder  "},
		{"folder compact", "folder      "},
		{"fetch --count 3 --seed 7", "2 of 15 points of collection \"plain\", drawn with seed 7\n13 points have no text"},
		{"gold import in.json", "1 entry read; the gold set has 1 now\n"},
		{"gold merge journal.jsonl", "1 entry added; the gold set has 2 now\n"},
		{"gold show -n 1 --seed 3", "1 of 2 entries\n"},
		{"gold check", "2 entries, "},
		{"gold review", "2 entries, counted from 0\n"},
		{"prompts --program null", "program  unoptimised ("},
	} {
		var out, errs bytes.Buffer
		status := run(context.Background(), &console{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, terminal: true, columns: 80}, strings.Fields(c.line))
		if status != 0 || !strings.HasPrefix(out.String(), c.first) || strings.Contains(out.String(), "\":") {
			t.Errorf("%s: status %d\n%s%s", c.line, status, &out, &errs)
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
		{[]string{"--gates", "standalone, leak,answerable"}, `{"gates":["standalone","leak","answerable"]}`},
		{[]string{"--metric.gates", "leak,language"}, `{"metric":{"gates":["leak","language"]}}`},
		{[]string{"--metric.judge", "host"}, `{"metric":{"judge":"host"}}`},
		{[]string{"--budget.max-usd", "0.5", "--budget.max-calls=7"}, `{"budget":{"max_calls":7,"max_usd":0.5}}`},
	} {
		found := false
		for _, cmd := range []string{"fetch", "compile", "generate", "compare"} {
			fs := pflag.NewFlagSet(cmd, pflag.ContinueOnError)
			row, _ := api.MethodNamed(cmd)
			p := newParamFlags(fs, cmd, row.Params)
			if fs.Parse(c.args) != nil {
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
