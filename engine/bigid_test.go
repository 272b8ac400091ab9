package engine_test

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

// What earlier versions saved: the number of the same 64 bits, which is negative,
// and the mark of a stale question that came of it.
func TestNegativeIDsOfEarlierVersionsAreMended(t *testing.T) {
	w := bigWorld(t)
	enginetest.GenerateAll(t, w, api.GenerateAllParams{Save: true})
	broken := 0
	w.Edit(func(ctx context.Context, c *qdrant.Client) error {
		all, err := c.Scroll(ctx, &qdrant.ScrollPoints{CollectionName: "questions", WithPayload: qdrant.NewWithPayload(true)})
		for _, q := range all {
			id, big := points.PlainValue(q.GetPayload()["chunk_id"]).(uint64)
			if !big || err != nil {
				continue
			}
			broken++
			wait := true
			_, err = c.SetPayload(ctx, &qdrant.SetPayloadPoints{CollectionName: "questions", Wait: &wait, PointsSelector: qdrant.NewPointsSelector(q.GetId()),
				Payload: qdrant.NewValueMap(map[string]any{"chunk_id": int64(id), "stale": true, "stale_reason": "its chunk is gone"})})
		}
		return err
	})
	again := enginetest.New(t, enginetest.Setup{Dir: w.Dir, TOML: "[personas]\nsource = \"none\"\n"})
	check := enginetest.Must(again.CheckQuestions(t.Context(), api.CheckQuestionsParams{Collection: "questions"}))(t)
	if !enginetest.Warned(check.Warnings, fmt.Sprint(broken, " saved questions are left out")) {
		t.Errorf("nothing was broken for the test: %v", check.Warnings)
	}
	r := enginetest.GenerateAll(t, again, api.GenerateAllParams{Save: true})
	if broken != 3 || r.Done != 0 || r.Stale != 0 || r.Usage.Calls != 0 || !enginetest.Warned(r.Warnings, "3 saved questions named their chunk by a negative number") {
		t.Errorf("%d broken; %d done, %d stale, %d calls, %v", broken, r.Done, r.Stale, r.Usage.Calls, r.Warnings)
	}
	by := enginetest.Must(again.SaveQuestion(t.Context(), api.SaveQuestionParams{Query: "By hand?", ChunkID: api.NewChunkID(uint64(7))}))(t)
	again.Edit(func(ctx context.Context, c *qdrant.Client) error {
		wait, id := true, qdrant.NewIDUUID(by.PointID.(string))
		_, err := c.SetPayload(ctx, &qdrant.SetPayloadPoints{CollectionName: "questions", Wait: &wait, PointsSelector: qdrant.NewPointsSelector(id),
			Payload: qdrant.NewValueMap(map[string]any{"chunk_id": int64(-1)})})
		return err
	})
	again = enginetest.New(t, enginetest.Setup{Dir: w.Dir, TOML: "[personas]\nsource = \"none\"\n"})
	if r := enginetest.GenerateAll(t, again, api.GenerateAllParams{Save: true}); r.Stale != 0 || !enginetest.Warned(r.Warnings, "1 saved questions named their chunk by a negative number") {
		t.Errorf("one saved by hand: %d stale, %v", r.Stale, r.Warnings)
	}
	again.Edit(func(ctx context.Context, c *qdrant.Client) error {
		wait, id := true, qdrant.NewIDUUID(by.PointID.(string))
		_, err := c.Delete(ctx, &qdrant.DeletePoints{CollectionName: "questions", Wait: &wait, Points: qdrant.NewPointsSelector(id)})
		return err
	})
	saved := again.InStore("questions")
	wantIDs(t, "mended", chunkIDs(t, saved, "chunk_id"))
	if still := staleIn(saved); len(still) != 0 {
		t.Errorf("still stale: %v", still)
	}
}
