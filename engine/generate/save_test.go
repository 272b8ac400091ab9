package generate_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/internal/llmtest"
	"qgen-sidecar/qdrantlock"
)

func TestGenerateAndSave(t *testing.T) {
	chunks := enginetest.EightChunks()
	w := enginetest.New(t, enginetest.Setup{Chunks: chunks, StoreKeys: `
[store.questions]
vector = "q"
copy_fields = ["title", "nested.page", "absent"]
[store.questions.payload]
app = "demo"
rank = 3
`})
	p := enginetest.AboutChunk(2)
	p.Save, p.Payload = true, map[string]any{"run": 7.0, "rank": 4.5}
	r := enginetest.Must(w.Generate(t.Context(), p))(t)
	again := enginetest.Must(w.Generate(t.Context(), p))(t)
	if _, err := uuid.Parse(r.PointID.(string)); err != nil || again.PointID != r.PointID {
		t.Errorf("point ids %v and %v: %v", r.PointID, again.PointID, err)
	}
	why := enginetest.Must(w.Why(t.Context(), r.PointID.(string)))(t)
	if why.Chunk["title"] != "Handbook" || why.Payload["question"] != *r.Query {
		t.Errorf("why = %+v", why)
	}
	points := w.InStore("questions")
	if len(points) != 1 {
		t.Fatalf("%d points, want one", len(points))
	}
	payload := points[0].GetPayload()
	for key, want := range map[string]string{"question": *r.Query, "app": "demo", "title": "Handbook", "persona_description": "a tenant",
		"program_hash": r.ProgramHash, "query_type": r.QueryType, "query_format": r.QueryFormat, "model": r.Model} {
		if got := payload[key].GetStringValue(); got != want {
			t.Errorf("%s = %q, want %q", key, got, want)
		}
	}
	if payload["chunk_id"].GetIntegerValue() != 2 || payload["nested"].GetStructValue().GetFields()["page"].GetIntegerValue() != 2 || payload["run"].GetIntegerValue() != 7 || payload["rank"].GetDoubleValue() != 4.5 {
		t.Errorf("payload = %v", payload)
	}
	if v := points[0].GetVectors().GetVectors().GetVectors()["q"]; len(v.GetDenseVector().GetData()) != len(llmtest.Embed("x")) {
		t.Errorf("vectors = %v", points[0].GetVectors())
	}
}

func TestSaveQuestion(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoEmbed: true})
	p := api.SaveQuestionParams{Query: "Who inspects the elevator?", ChunkID: api.NewChunkID(4), Vector: []float32{1, 0, 0}}
	r := enginetest.Must(w.SaveQuestion(t.Context(), p))(t)
	same := enginetest.Must(w.SaveQuestion(t.Context(), p))(t)
	if r.PointID != same.PointID {
		t.Error("a retry made another point")
	}
	p.PersonaDescription = new("someone else")
	if other := enginetest.Must(w.SaveQuestion(t.Context(), p))(t); other.PointID == r.PointID {
		t.Error("another persona's question is the same point")
	}
	p.Vector = []float32{1, 0}
	_, err := w.SaveQuestion(t.Context(), p)
	if e := enginetest.As[*qdrantlock.StoreError](t, err); !strings.Contains(e.Reason, "vectors of 3 numbers, found one of 2") {
		t.Errorf("err = %v", e)
	}
	p.Vector = nil
	_, err = w.SaveQuestion(t.Context(), p)
	if e := enginetest.As[*api.ParamError](t, err); e.Param != "vector" {
		t.Errorf("err = %v", e)
	}
	_, err = w.SaveQuestion(t.Context(), api.SaveQuestionParams{Query: "x", Vector: []float32{1, 0, 0}})
	if e := enginetest.As[*api.ParamError](t, err); e.Param != "chunk_id" {
		t.Errorf("err = %v", e)
	}
	// An application's own names for chunks are no points, but can be saved.
	enginetest.Must(w.SaveQuestion(t.Context(), api.SaveQuestionParams{Query: "x", ChunkID: api.NewChunkID("doc-7"), Vector: []float32{1, 0, 0}}))(t)
	if n := len(w.InStore("questions")); n != 3 {
		t.Errorf("%d points, want 3", n)
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
