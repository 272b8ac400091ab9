package engine_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/enginetest"
)

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

// BenchmarkGenerate is what a generate costs beside the model: two prompts,
// two replies read, the text checks. The host's own function answers at once.
func BenchmarkGenerate(b *testing.B) {
	reply := dispatcher.HostReply{Text: "[[ ## query_type ## ]]\nt\n\n[[ ## query_format ## ]]\nf\n\n[[ ## query ## ]]\nHow high must balcony railings be?"}
	host := engine.Host{Complete: func(context.Context, dispatcher.Request, string) (dispatcher.HostReply, error) { return reply, nil }}
	cfg, err := config.Load("", []byte(`{"cache": {"path": ""}}`), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	e, err := engine.New(cfg, engine.Options{Host: host})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	p := enginetest.AboutChunk(2)
	for b.Loop() {
		if _, err := e.Generate(context.Background(), p); err != nil {
			b.Fatal(err)
		}
	}
}
