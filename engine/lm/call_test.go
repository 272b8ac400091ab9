package lm_test

import (
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/internal/llmtest"
)

func TestTimeout(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.LLM.Fault(func(int, llmtest.Request) *llmtest.Fault { return &llmtest.Fault{Latency: 1e12} })
	p := enginetest.AboutChunk(1)
	p.TimeoutS = new(0.05)
	_, err := w.Generate(t.Context(), p)
	if e := enginetest.As[*api.TimeoutError](t, err); e.Seconds != 0.05 {
		t.Errorf("err = %v", e)
	}
}
