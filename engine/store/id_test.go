package store_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/internal/llmtest"
	"qgen-sidecar/qdrantlock/points"
)

// bigIDs are ids of a hash of 64 bits, those around the borders among them.
var bigIDs = []uint64{13570027672830659665, math.MaxUint64, 1 << 63, 1<<63 - 1, 1<<53 + 1, 5}

// bigWorld is a world whose chunks have such ids, each with its own as payload.
func bigWorld(t *testing.T) *enginetest.World {
	w := enginetest.New(t, enginetest.Setup{Chunks: enginetest.EightChunks()[:1], TOML: "[personas]\nsource = \"none\"\n"})
	w.Edit(func(ctx context.Context, c *qdrant.Client) error {
		var all []*qdrant.PointStruct
		wait := true
		for i, id := range bigIDs {
			text := fmt.Sprintf("The rule number %d speaks about bicycles in cellar %d.", i, i)
			all = append(all, &qdrant.PointStruct{Id: qdrant.NewIDNum(id), Vectors: qdrant.NewVectorsDense(llmtest.Embed(text)),
				Payload: map[string]*qdrant.Value{"text": qdrant.NewValueString(text), "own_id": points.WholeValue(id, nil)}})
		}
		if _, err := c.Delete(ctx, &qdrant.DeletePoints{CollectionName: "chunks", Wait: &wait, Points: qdrant.NewPointsSelector(qdrant.NewIDNum(1))}); err != nil {
			return err
		}
		_, err := c.Upsert(ctx, &qdrant.UpsertPoints{CollectionName: "chunks", Wait: &wait, Points: all})
		return err
	})
	return enginetest.New(t, enginetest.Setup{Dir: w.Dir, TOML: "[personas]\nsource = \"none\"\n", StoreKeys: "[store.questions]\ncopy_fields = [\"own_id\"]\n"})
}

// chunkIDs are what the saved questions name their chunks by, in the order of bigIDs.
func chunkIDs(t *testing.T, saved []*qdrant.RetrievedPoint, key string) []any {
	t.Helper()
	var out []any
	for _, q := range saved {
		switch id := points.PlainMap(q.GetPayload())[key].(type) {
		case int64:
			out = append(out, uint64(id))
		default:
			out = append(out, id)
		}
	}
	at := func(id any) int { return slices.Index(bigIDs, id.(uint64)) }
	slices.SortFunc(out, func(a, b any) int { return at(a) - at(b) })
	return out
}

func wantIDs(t *testing.T, what string, got []any) {
	t.Helper()
	if want := fmt.Sprint(bigIDs); fmt.Sprint(got) != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestIDsOfAll64BitsAreSaved(t *testing.T) {
	w := bigWorld(t)
	r := enginetest.GenerateAll(t, w, api.GenerateAllParams{Save: true})
	if r.Done != len(bigIDs) || r.Stale != 0 {
		t.Fatalf("%+v", r)
	}
	saved := w.InStore("questions")
	wantIDs(t, "chunk_id", chunkIDs(t, saved, "chunk_id"))
	wantIDs(t, "a copied field", chunkIDs(t, saved, "own_id"))
	w = enginetest.New(t, enginetest.Setup{Dir: w.Dir, TOML: "[personas]\nsource = \"none\"\n"})
	if again := enginetest.GenerateAll(t, w, api.GenerateAllParams{Save: true}); again.Done != 0 || again.Stale != 0 || len(again.Warnings) != 0 {
		t.Errorf("again: %d done, %d stale, %v", again.Done, again.Stale, again.Warnings)
	}
	check := enginetest.Must(w.CheckQuestions(t.Context(), api.CheckQuestionsParams{}))(t)
	if check.RoundTrip == nil || check.N != len(bigIDs) {
		t.Errorf("check-questions does not find the chunks: %+v", check)
	}
}
