package serve_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/hashicorp/go-hclog"

	"qgen-sidecar/qdrantlock/folder"
	"qgen-sidecar/qdrantlock/serve"
)

// emptyFolder is a folder as Python's client leaves it with no collection.
func emptyFolder(t testing.TB) (string, *folder.Folder) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "meta.json"), []byte(`{"collections": {}, "aliases": {}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := folder.Open(dir, hclog.NewNullLogger())
	if err != nil {
		t.Fatal(err)
	}
	return dir, f
}

// TestCongruence compares the share with Python's local mode: seeded random
// operations through qdrant-client on both, then the folder opened by Python.
//
//	QGEN_TEST_PYTHON   a Python with qdrant-client; without it the test is skipped
//	QGEN_CONGRUENCE_N  operations (default 3000)
//	QGEN_CONGRUENCE_SEED
func TestCongruence(t *testing.T) {
	python := os.Getenv("QGEN_TEST_PYTHON")
	if python == "" {
		t.Skip("QGEN_TEST_PYTHON is not set: no peer to compare with")
	}
	dir, f := emptyFolder(t)
	s := serve.New(f, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	const key = "congruence"
	done := make(chan error, 1)
	go func() { done <- s.Serve(l, key) }()
	state := filepath.Join(t.TempDir(), "state.json")
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	peer(t, python, key, "run", port, env("QGEN_CONGRUENCE_SEED", "1"), env("QGEN_CONGRUENCE_N", "3000"), state)
	s.Stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if !t.Failed() {
		peer(t, python, key, "reopen", dir, state)
	}
}

func env(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}

func peer(t *testing.T, python, key string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), python, append([]string{"testdata/congruence.py"}, args...)...)
	cmd.Env = append(os.Environ(), "QGEN_PEER_KEY="+key)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", args[0], err, out)
	}
}
