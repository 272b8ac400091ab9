//go:build unix

package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write the golden files")

// The commands as people call them: testdata/script/*.txtar.
func TestScripts(t *testing.T) {
	store, err := filepath.Abs("../../qdrantlock/folder/testdata/qdrant/v1_20/storage")
	must(t, err)
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", filepath.Dir(binary)+string(os.PathListSeparator)+e.Getenv("PATH"))
			return os.CopyFS(filepath.Join(e.WorkDir, "qdrant_db"), os.DirFS(store))
		},
	})
}
