package engine_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
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

func TestWhy(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{EndpointKeys: enginetest.Priced})
	w.WriteGold(12)
	enginetest.Compile(t, w, api.CompileParams{})
	p := enginetest.AboutChunk(2)
	p.Save, p.Gates = true, []string{"standalone", "answerable"}
	enginetest.Script(w, "Where are balcony railings?")
	r := enginetest.Must(w.Generate(t.Context(), p))(t)
	why := enginetest.Must(w.Why(t.Context(), r.PointID.(string)))(t)
	if why.Question != *r.Query || why.ChunkID != uint64(2) || why.Chunk["title"] != "Handbook" || why.PersonaDescription != "a tenant" ||
		why.Plan != (api.WhyPlan{QueryType: "t", QueryFormat: "f"}) || why.Model != r.Model || why.Stale != "" || why.CreatedAt == "" {
		t.Errorf("why = %+v", why)
	}
	from := why.Provenance
	if from["endpoint"] != "a" || from["calls"] != int64(4) || from["usd"].(float64) <= 0 || fmt.Sprint(from["gates"]) != "[standalone answerable]" || from["collection"] != "chunks" || from["asked_again"] != false {
		t.Errorf("provenance %v", from)
	}
	program := why.Program
	if program.Hash != r.ProgramHash || len(program.Predictors) != 2 || program.Missing != "" || len(program.Predictors[1].Demonstrations) == 0 {
		t.Errorf("program %+v", program)
	}
	// Whatever becomes of the file, what a question was asked with can be said.
	if err := os.Remove(w.Path("optimized_pipeline.json")); err != nil {
		t.Fatal(err)
	}
	later := enginetest.Must(w.Why(t.Context(), r.PointID.(string)))(t)
	if len(later.Program.Predictors) != 2 || later.Program.Predictors[1].Instructions != program.Predictors[1].Instructions {
		t.Errorf("later: %+v", later.Program)
	}
	if err := os.RemoveAll(w.Path(".qgen/programs")); err != nil {
		t.Fatal(err)
	}
	if lost := enginetest.Must(w.Why(t.Context(), r.PointID.(string)))(t); lost.Program.Missing == "" || lost.Program.Hash != r.ProgramHash {
		t.Errorf("lost: %+v", lost.Program)
	}
	w.Edit(enginetest.SetTexts(map[uint64]string{2: ""}))
	w = enginetest.New(t, enginetest.Setup{Dir: w.Dir})
	if gone := enginetest.Must(w.Why(t.Context(), r.PointID.(string)))(t); gone.Chunk != nil || gone.Stale != "its chunk is gone" {
		t.Errorf("gone: %+v", gone)
	}
}

// Each question of a job has its own cost, and together they are the job's.
func TestEveryQuestionHasItsOwnCost(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{EndpointKeys: enginetest.Priced})
	r := enginetest.GenerateAll(t, w, api.GenerateAllParams{Save: true, Gates: []string{"duplicate"}})
	calls, usd := int64(0), 0.0
	for _, p := range w.InStore("questions") {
		from := p.GetPayload()["provenance"].GetStructValue().GetFields()
		if n := from["calls"].GetIntegerValue(); n < 2 || n > 8 {
			t.Errorf("%d calls", n)
		}
		calls += from["calls"].GetIntegerValue()
		usd += from["usd"].GetDoubleValue()
	}
	if r.Rejected != 0 || calls != int64(r.Usage.Calls) || usd < *r.Usage.USD*.999 || usd > *r.Usage.USD*1.001 {
		t.Errorf("%d calls and $%v by question, %d and $%v in all", calls, usd, r.Usage.Calls, *r.Usage.USD)
	}
}
