package folder

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/go-hclog"
)

// Whatever meta.json holds is opened or refused, and never changed by either.
func FuzzMeta(f *testing.F) {
	for _, s := range []string{
		`{"collections": {"a": {"vectors": {"size": 3, "distance": "Cosine"}}}, "aliases": {"b": "a"}}`,
		`{"collections": {"a": {"vectors": {"": {"size": 3, "distance": "Dot"}}, "sparse_vectors": {"s": {"modifier": "idf"}}}}, "aliases": {}, "text_indexes": {}}`,
		`{"collections": {"../../x": {"vectors": {}}}, "aliases": {}}`,
		`{"collections": {"a": {"vectors": {"size": -1e999, "distance": null}, "more": 1}}, "aliases": {"a": "a"}}`,
		`{"collections": [], "aliases": null}`, `{"collections": {}}`, `[]`, ``, `{`, "\xff", `{"collections": {"\ud800": {"vectors": {}}}, "aliases": {}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, meta []byte) {
		dir := t.TempDir()
		path := filepath.Join(dir, "meta.json")
		if err := os.WriteFile(path, meta, 0o644); err != nil {
			t.Fatal(err)
		}
		opened, err := Open(dir, hclog.NewNullLogger())
		if err == nil {
			for _, name := range opened.Collections() {
				if c, err := opened.Collection(name); err == nil {
					_ = c.Config()
				}
			}
			if err := opened.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, meta) {
			t.Errorf("meta.json became %q, %v", after, err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "[^.]*")); len(left) != 1 {
			t.Errorf("left behind: %v", left)
		}
		if _, err := os.Stat(filepath.Join(filepath.Dir(dir), "x")); err == nil {
			t.Error("something outside the folder was made")
		}
	})
}
