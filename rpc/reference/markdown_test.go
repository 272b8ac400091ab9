package reference_test

import (
	"flag"
	"os"
	"testing"

	"qgen-sidecar/rpc/reference"
)

var update = flag.Bool("update", false, "write the golden files")

// docs/reference.md is what the Go types say.
func TestReference(t *testing.T) {
	const path = "../../docs/reference.md"
	want := reference.Markdown()
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
