package reference_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"qgen-sidecar/rpc"
	"qgen-sidecar/rpc/reference"
)

var update = flag.Bool("update", false, "write the golden files")

// docs/reference.md is what the Go types say.
func TestReference(t *testing.T) {
	const path = "../../docs/reference.md"
	want := reference.Markdown(rpc.Faults())
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("docs/reference.md is stale (%v); run go generate ./rpc", err)
	}
}

// A field without a sentence tells nobody what it is for.
func TestEveryFieldHasASentence(t *testing.T) {
	for line := range strings.Lines(reference.Markdown(rpc.Faults())) {
		cells := strings.Split(strings.TrimSuffix(strings.TrimSpace(line), "|"), "|")
		if !strings.HasPrefix(line, "| `") || strings.HasPrefix(line, "| `-") || len(cells) < 4 {
			continue
		}
		if words := strings.TrimSpace(cells[len(cells)-1]); words == "" || words == "optional" {
			t.Errorf("no sentence: give the field a doc tag in its Go type: %s", strings.TrimSpace(line))
		}
	}
}
