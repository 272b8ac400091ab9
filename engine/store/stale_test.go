package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/qdrantlock/points"
)

// staleIn maps a chunk's id to why its question is stale.
func staleIn(points []*qdrant.RetrievedPoint) map[int64]string {
	out := map[int64]string{}
	for _, p := range points {
		if p.GetPayload()["stale"].GetBoolValue() {
			out[p.GetPayload()["chunk_id"].GetIntegerValue()] = p.GetPayload()["stale_reason"].GetStringValue()
		}
	}
	return out
}

func TestQuestionsOfVanishedChunksAreStale(t *testing.T) {
	saving := api.GenerateAllParams{Save: true, Gates: []string{"duplicate"}}
	w := enginetest.New(t, enginetest.Setup{})
	if r := enginetest.GenerateAll(t, w, saving); r.Done != 8 || r.Stale != 0 {
		t.Fatalf("result = %+v", r)
	}
	before := enginetest.EightChunks()[4]["text"].(string)
	w.Edit(enginetest.SetTexts(map[uint64]string{3: "", 5: strings.Replace(before, "practical", "very practical", 1)}))
	w = enginetest.New(t, enginetest.Setup{Dir: w.Dir})
	// Only the changed chunk is asked; what is asked of it may be what was asked of
	// its old text, which is no duplicate.
	if r := enginetest.GenerateAll(t, w, saving); r.Done != 1 || r.Rejected != 0 || r.Skipped != 6 || r.Stale != 2 {
		t.Errorf("result = %+v", r)
	}
	c := enginetest.Must(w.CheckQuestions(t.Context(), api.CheckQuestionsParams{}))(t)
	if c.N != 7 || !strings.Contains(fmt.Sprint(c.Warnings), "2 saved questions are left out") {
		t.Errorf("%d questions checked; warnings %q", c.N, c.Warnings)
	}
	points := w.InStore("questions")
	if got := staleIn(points); len(points) != 9 || len(got) != 2 || got[3] != "its chunk is gone" || got[5] != "its chunk has another text now" {
		t.Errorf("%d saved, stale: %v", len(points), got)
	}
	// The text is as it was: its first question stands, and the second is stale.
	w.Edit(enginetest.SetTexts(map[uint64]string{5: before}))
	w = enginetest.New(t, enginetest.Setup{Dir: w.Dir})
	if r := enginetest.GenerateAll(t, w, saving); r.Done != 0 || r.Stale != 2 {
		t.Errorf("result = %+v", r)
	}
	for _, p := range w.InStore("questions") {
		if _, marked := p.GetPayload()["stale_reason"]; marked != p.GetPayload()["stale"].GetBoolValue() {
			t.Errorf("half a mark: %v", p.GetPayload())
		}
	}
}

// Questions of another collection's chunks, and those that somebody else saved, are
// not judged by chunks that they were not asked of.
func TestOnlyOwnQuestionsBecomeStale(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	enginetest.GenerateAll(t, w, api.GenerateAllParams{Save: true, Limit: new(2)})
	w.Edit(func(ctx context.Context, c *qdrant.Client) error {
		wait := true
		if _, err := c.SetPayload(ctx, &qdrant.SetPayloadPoints{CollectionName: "questions", Wait: &wait, Key: qdrant.PtrOf("provenance"),
			PointsSelector: qdrant.NewPointsSelectorFilter(&qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewMatchInt("chunk_id", 1)}}),
			Payload:        qdrant.NewValueMap(map[string]any{"collection": "others"})}); err != nil {
			return err
		}
		return enginetest.SetTexts(map[uint64]string{1: "", 2: ""})(ctx, c)
	})
	w = enginetest.New(t, enginetest.Setup{Dir: w.Dir})
	if r := enginetest.GenerateAll(t, w, api.GenerateAllParams{Save: true}); r.Stale != 1 {
		t.Errorf("%d are stale, expected that of chunk 2 alone", r.Stale)
	}
}

// Each slice marks the questions of its own chunks.
func TestSlicesMarkTheirOwn(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	enginetest.GenerateAll(t, w, api.GenerateAllParams{Save: true})
	w.Edit(enginetest.SetTexts(map[uint64]string{1: "", 2: "", 3: "", 4: "", 5: ""}))
	w = enginetest.New(t, enginetest.Setup{Dir: w.Dir})
	sum := 0
	for i := range 3 {
		r := enginetest.GenerateAll(t, w, api.GenerateAllParams{Save: true, Slice: &api.Slice{Index: i, Total: 3}})
		sum += r.Stale
	}
	if got := staleIn(w.InStore("questions")); sum != 5 || len(got) != 5 {
		t.Errorf("%d counted, marked: %v", sum, got)
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
