package store_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/qdrantlock"
)

func TestOpenTellsOfTheStore(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	info := enginetest.Must(w.Open(t.Context()))(t)
	want := &api.StoreInfo{Mode: qdrantlock.ModeFolder, Path: w.Path("db"), Collections: []api.CollectionInfo{{Name: "chunks", Points: 8}}, Warnings: info.Warnings}
	if diff := cmp.Diff(want, info); diff != "" {
		t.Error(diff)
	}
	lazy := enginetest.New(t, enginetest.Setup{StoreKeys: `lock = "lazy"`})
	if info := enginetest.Must(lazy.Open(t.Context()))(t); info != nil {
		t.Errorf("a lazy store was opened: %+v", info)
	}
	_, err := enginetest.New(t, enginetest.Setup{NoStore: true, TOML: "[store]\npath = \"gone\"\n"}).Open(t.Context())
	enginetest.As[*qdrantlock.StoreError](t, err)
}

// One collection that cannot be read is named; the others go on.
func TestADamagedCollectionDoesNotStopTheRest(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	meta := w.Read("db/meta.json")
	w.Write("db/meta.json", strings.Replace(meta, `"chunks":`, `"lost": {"vectors": {"size": 4, "distance": "Cosine"}}, "chunks":`, 1))
	info := enginetest.Must(w.Open(t.Context()))(t)
	if diff := cmp.Diff([]api.CollectionInfo{{Name: "chunks", Points: 8}}, info.Collections); diff != "" {
		t.Error(diff)
	}
	if len(info.Warnings) != 1 || !strings.Contains(info.Warnings[0], `"lost"`) {
		t.Errorf("warnings: %q", info.Warnings)
	}
	if r := enginetest.Must(w.Fetch(t.Context(), api.FetchParams{Count: new(2)}))(t); r.Count != 2 {
		t.Errorf("fetched %d", r.Count)
	}
}
