package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/internal/llmtest"
	"qgen-sidecar/qdrantlock"
)

func TestGenerate(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	r := enginetest.Must(w.Generate(t.Context(), enginetest.AboutChunk(1)))(t)
	if r.Query == nil || *r.Query == "" || r.QueryType == "" || r.QueryFormat == "" || *r.PersonaDescription != "a tenant" {
		t.Errorf("result = %+v", r)
	}
	if r.Program != nil || len(r.ProgramHash) != 64 || r.Usage.Calls != 2 || r.Model == "" || r.Warnings == nil || r.ElapsedMS <= 0 {
		t.Errorf("result = %+v", r)
	}
	again := enginetest.Must(w.Generate(t.Context(), enginetest.AboutChunk(1)))(t)
	if again.Usage.Calls != 0 || again.Usage.Cached != 2 || *again.Query != *r.Query {
		t.Errorf("again = %+v", again)
	}
	p := enginetest.AboutChunk(1)
	p.Rollout = 1
	if other := enginetest.Must(w.Generate(t.Context(), p))(t); other.Usage.Calls != 2 {
		t.Errorf("another draw was answered from the cache: %+v", other.Usage)
	}
}

func TestGeneratePersona(t *testing.T) {
	skip := engine.Host{ChoosePersona: func(_ context.Context, _ string, id api.ChunkID, trace string) (*api.PersonaResult, error) {
		if id.String() != "1" || trace != "t-1" {
			return nil, errors.New("id " + id.String() + ", trace " + trace)
		}
		return &api.PersonaResult{}, nil
	}}
	w := enginetest.New(t, enginetest.Setup{NoStore: true, Host: skip})
	p := enginetest.AboutChunk(1)
	p.PersonaDescription, p.Trace = nil, "t-1"
	r := enginetest.Must(w.Generate(t.Context(), p))(t)
	if r.Query != nil || r.PersonaDescription != nil || !strings.Contains(r.RejectedReason, "skipped") || w.LLM.Count() != 0 {
		t.Errorf("result = %+v", r)
	}
	none := enginetest.New(t, enginetest.Setup{NoStore: true})
	if r := enginetest.Must(none.Generate(t.Context(), p))(t); r.Query == nil || *r.PersonaDescription != "" {
		t.Errorf("without personas: %+v", r)
	}
}

func TestCandidatesAreDrawnUntilOnePasses(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	n := 0
	w.LLM.Handle(func(llmtest.Request) string {
		n++
		query := "What does this passage say?"
		if n >= 5 {
			query = "How high must balcony railings be?"
		}
		return "[[ ## query_type ## ]]\nt\n[[ ## query_format ## ]]\nf\n[[ ## query ## ]]\n" + query
	})
	p := enginetest.AboutChunk(2)
	p.Gates, p.Candidates = []string{"standalone"}, new(20)
	r := enginetest.Must(w.Generate(t.Context(), p))(t)
	if r.Query == nil || *r.Query != "How high must balcony railings be?" || r.Usage.Calls >= 40 {
		t.Errorf("result = %+v", r)
	}
}

// told answers with the question until it is told of a refusal, then with the
// other; every reply has all of the pipeline's fields.
func told(w *enginetest.World, question, other string) {
	w.LLM.Handle(func(r llmtest.Request) string {
		query := question
		if strings.Contains(r.Last(), "was refused") {
			query = other
		}
		return "[[ ## query_type ## ]]\nt\n[[ ## query_format ## ]]\nf\n[[ ## query ## ]]\n" + query
	})
}

func TestARefusedQuestionIsAskedAgainOnceWithTheReason(t *testing.T) {
	const leaning = "What does this passage say of railings?"
	tests := map[string]struct {
		other, query, reason string
		calls                int
	}{
		"mended":             {"How high must balcony railings be?", "How high must balcony railings be?", "", 3},
		"refused again":      {"What is said in the text above?", "", "standalone: ", 3},
		"cannot be read":     {"", "", "standalone: ", 5}, // the answer itself is asked for three times
		"the same once more": {leaning, "", "standalone: ", 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := enginetest.New(t, enginetest.Setup{NoStore: true})
			told(w, leaning, tt.other)
			p := enginetest.AboutChunk(2)
			p.Gates = []string{"standalone"}
			r := enginetest.Must(w.Generate(t.Context(), p))(t)
			if tt.query != "" && (r.Query == nil || *r.Query != tt.query || r.RejectedReason != "") {
				t.Errorf("found %+v", r)
			}
			if tt.query == "" && (r.Query != nil || !strings.HasPrefix(r.RejectedReason, tt.reason)) {
				t.Errorf("found %+v", r)
			}
			chats := w.LLM.Chats()
			if len(chats) != tt.calls || r.Usage.Calls != tt.calls {
				t.Fatalf("%d calls, %d counted, expected %d", len(chats), r.Usage.Calls, tt.calls)
			}
			if last := chats[2].Last(); !strings.Contains(last, leaning) || !strings.Contains(last, `"this passage"`) {
				t.Errorf("neither what was refused nor why: %q", last)
			}
		})
	}
}

func TestAChunkThatAnswersNothingCostsNothing(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	p := enginetest.AboutChunk(2)
	p.ChunkText = "1 Leave ....... 3\n2 Travel ...... 7\n3 Parking ..... 9\n4 Badges ...... 11\n"
	p.Gates = []string{"answerable"}
	r := enginetest.Must(w.Generate(t.Context(), p))(t)
	if r.Query != nil || !strings.Contains(r.RejectedReason, "answerable: nothing was asked: ") || w.LLM.Count() != 0 {
		t.Errorf("%d calls, found %+v", w.LLM.Count(), r)
	}
	p.Gates = nil
	if r := enginetest.Must(w.Generate(t.Context(), p))(t); r.Query == nil {
		t.Errorf("without the gate: found %+v", r)
	}
}

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

func TestGenerateFaults(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	for param, change := range map[string]func(*api.GenerateParams){
		"chunk_text": func(p *api.GenerateParams) { p.ChunkText = " " },
		"chunk_id":   func(p *api.GenerateParams) { p.Save, p.ChunkID = true, api.ChunkID{} },
		"gates":      func(p *api.GenerateParams) { p.Gates = []string{"nice"} },
		"candidates": func(p *api.GenerateParams) { p.Candidates = new(0) },
		"rollout":    func(p *api.GenerateParams) { p.Rollout = -1 },
	} {
		p := enginetest.AboutChunk(1)
		change(&p)
		_, err := w.Generate(t.Context(), p)
		if e := enginetest.As[*api.ParamError](t, err); e.Param != param {
			t.Errorf("param = %s, want %s", e.Param, param)
		}
	}
	p := enginetest.AboutChunk(1)
	p.Save = true
	_, err := w.Generate(t.Context(), p)
	enginetest.As[*qdrantlock.StoreError](t, err)
	if w.LLM.Count() != 0 {
		t.Error("a model was paid for what could not be saved")
	}
	w.LLM.Handle(func(llmtest.Request) string { return "I would rather not." })
	_, err = w.Generate(t.Context(), enginetest.AboutChunk(1))
	if e := enginetest.As[*api.ReplyError](t, err); e.Role != "task" || e.Reply != "I would rather not." {
		t.Errorf("err = %+v", e)
	}
	w.LLM.Fault(func(int, llmtest.Request) *llmtest.Fault { return llmtest.HTTP(401) })
	_, err = w.Generate(t.Context(), enginetest.AboutChunk(2))
	enginetest.As[*dispatcher.NoEndpointError](t, err)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = w.Generate(cancelled, enginetest.AboutChunk(3))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want context.Canceled", err)
	}
	var id api.ChunkID
	enginetest.As[*api.ParamError](t, json.Unmarshal([]byte(`1.5`), &id))
}

// A host's embed has no cache: what several need is asked for once.
func TestAQuestionIsEmbeddedOnce(t *testing.T) {
	var texts, calls atomic.Int32
	counting := func(ctx context.Context, all []string, purpose string) ([][]float32, error) {
		calls.Add(1)
		texts.Add(int32(len(all)))
		return enginetest.HostEmbed(ctx, all, purpose)
	}
	w := enginetest.New(t, enginetest.Setup{NoEmbed: true, Host: engine.Host{Embed: counting}})
	p := enginetest.AboutChunk(1)
	p.ChunkID, p.Save, p.Gates = api.NewChunkID(1), true, []string{"round-trip", "duplicate"}
	r := enginetest.Must(w.Generate(t.Context(), p))(t)
	if r.PointID == nil || texts.Load() != 1 {
		t.Errorf("rejected for %q, %d texts embedded", r.RejectedReason, texts.Load())
	}
	calls.Store(0)
	var questions []api.QuestionToCheck
	for i := range 70 {
		questions = append(questions, api.QuestionToCheck{ChunkID: api.NewChunkID(1 + i%8), ChunkText: "c", Query: fmt.Sprint("What is question ", i, "?")})
	}
	enginetest.Must(w.CheckQuestions(t.Context(), api.CheckQuestionsParams{Questions: questions}))(t)
	if calls.Load() != 2 {
		t.Errorf("%d calls of embed for 70 questions", calls.Load())
	}
}
