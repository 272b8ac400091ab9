package folder_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/qdrantlock/folder"
)

func metaText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path, "meta.json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func writeMeta(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(path, "meta.json"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A collection comes and goes: every other byte of meta.json stays.
func TestMetaIsKeptKeyForKey(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			path := copyFixture(t, version)
			text := metaText(t, path)
			writeMeta(t, path, strings.Replace(text, "{", `{"from the future": {"x": 1.50, "y": null}, `, 1))
			before := metaText(t, path)
			f := open(t, path)
			if err := f.CreateCollection("new", unnamed(7)); err != nil {
				t.Fatal(err)
			}
			entry := `, "new": {"vectors": {"size": 7, "distance": "Cosine"}}}, "aliases"`
			if got := metaText(t, path); strings.Replace(got, entry, `}, "aliases"`, 1) != before || got == before {
				t.Errorf("after creating:\n%s", cmp.Diff(before, got))
			}
			if ok, err := f.DeleteCollection("new"); !ok || err != nil {
				t.Fatal(ok, err)
			}
			if got := metaText(t, path); got != before {
				t.Errorf("after deleting:\n%s", cmp.Diff(before, got))
			}
		})
	}
}

func TestUpdateChangesOnlyWhatIsAsked(t *testing.T) {
	path := copyFixture(t, "v1_20")
	f := open(t, path)
	c := collection(t, f, "named ✓")
	cfg := c.Config()
	cfg.Sparse = map[string]folder.SparseParams{"sp": cfg.Sparse["sp"], "added": {Modifier: "idf"}}
	before := metaText(t, path)
	if err := f.UpdateCollection("named ✓", cfg); err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(before,
		`, "sp2": {"index": {"full_scan_threshold": 100, "on_disk": true, "memory": null, "datatype": null}, "modifier": null}`,
		`, "added": {"modifier": "idf"}`, 1)
	if got := metaText(t, path); got != want {
		t.Errorf("(-expected +got):\n%s", cmp.Diff(want, got))
	}
	if _, there := c.Config().Sparse["added"]; !there {
		t.Error("the open collection does not know its new vector")
	}
}

func TestDeletingACollectionTakesItsAliasesAndIndexesAlong(t *testing.T) {
	path := copyFixture(t, "v1_20")
	f := open(t, path)
	collection(t, f, "plain")
	if ok, err := f.DeleteCollection("plain"); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if ok, err := f.DeleteCollection("plain"); ok || err != nil {
		t.Fatalf("a second time: %v, %v", ok, err)
	}
	var meta map[string]map[string]any
	if err := json.Unmarshal([]byte(metaText(t, path)), &meta); err != nil {
		t.Fatal(err)
	}
	if len(f.Aliases()) != 0 || len(meta["aliases"]) != 0 || len(meta["text_indexes"]) != 0 {
		t.Errorf("left over: %v", meta)
	}
	if _, err := os.Stat(filepath.Join(path, "collection", "plain")); !os.IsNotExist(err) {
		t.Errorf("the directory is still there: %v", err)
	}
	if _, err := f.Collection("plain"); !errors.Is(err, folder.ErrNoCollection) {
		t.Errorf("expected ErrNoCollection, got %v", err)
	}
}

func TestAliasesAreReplaced(t *testing.T) {
	path := copyFixture(t, "v1_12_1")
	f := open(t, path)
	aliases := map[string]string{"b": "plain", "a": "empty", `"odd" ✓ 🦀 <&>`: "plain"}
	if err := f.SetAliases(aliases); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if diff := cmp.Diff(aliases, open(t, path).Aliases()); diff != "" {
		t.Error(diff)
	}
}

func TestNamesTheClientRefusesAreRefused(t *testing.T) {
	f := open(t, emptyStore(t))
	for _, name := range []string{"", ".", "..", "a/b", `a\b`, "a:b", "a*", "a?", `a"b`, "<a", "a>", "a|b", "a\x00b", "a\x1fb", strings.Repeat("x", 256), "\xff"} {
		if err := f.CreateCollection(name, unnamed(1)); err == nil {
			t.Errorf("%q was created", name)
		}
	}
	if err := f.CreateCollection("fine ✓", unnamed(1)); err != nil {
		t.Error(err)
	}
	if err := f.CreateCollection("fine ✓", unnamed(1)); !errors.Is(err, folder.ErrExists) {
		t.Errorf("expected ErrExists, got %v", err)
	}
}

func TestRowsOfAnOlderCollectionAreNotTakenOver(t *testing.T) {
	path := copyFixture(t, "v1_20")
	writeMeta(t, path, `{"collections": {}, "aliases": {}}`)
	f := open(t, path)
	if err := f.CreateCollection("plain", unnamed(4)); err == nil || !strings.Contains(err.Error(), "15 points") {
		t.Errorf("expected an error that names the 15 points, got %v", err)
	}
	if err := os.Mkdir(filepath.Join(path, "collection", "bare"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"empty", "bare"} { // no rows: nothing to take over
		if err := f.CreateCollection(name, unnamed(4)); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff([]string{"bare", "empty"}, f.Collections()); diff != "" {
		t.Error(diff)
	}
}
