package engine_test

import (
	"testing"

	"qgen-sidecar/engine"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/enginetest"
)

// newBare is an engine whose config is empty.
func newBare(t *testing.T, w *enginetest.World, host engine.Host) *engine.Engine {
	t.Helper()
	cfg, err := config.Load(w.Path("bare.toml"), nil, w.Dir)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(cfg, engine.Options{Host: host})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}
