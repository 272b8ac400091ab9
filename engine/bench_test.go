package engine_test

import (
	"context"
	"testing"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/enginetest"
)

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
		if _, err := e.Generate(b.Context(), p); err != nil {
			b.Fatal(err)
		}
	}
}
