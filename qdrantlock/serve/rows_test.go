package serve_test

import (
	"testing"

	"qgen-sidecar/qdrantlock/folder"
	"qgen-sidecar/qdrantlock/points/pointstest"
)

// rows reads a collection below the server.
func rows(t *testing.T, f *pointstest.Folder, name string) []folder.Point {
	t.Helper()
	var out []folder.Point
	err := f.Memory(name).Scan(t.Context(), true, true, func(p folder.Point) error {
		out = append(out, p)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
