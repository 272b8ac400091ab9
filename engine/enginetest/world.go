package enginetest

import (
	"fmt"
	"path/filepath"
	"testing"

	"qgen-sidecar/engine"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/internal/llmtest"
)

// World is an engine over a real folder store and a deterministic model server. Its
// methods end the test T where they fail.
type World struct {
	*engine.Engine
	T   *testing.T
	Dir string // the working folder: qgen.toml, the store "db", gold_dataset.json, …
	LLM *llmtest.Server
}

// Setup is what a test wants different from the usual: a store of [EightChunks], every
// role with a model of one endpoint "a", nothing from the host.
type Setup struct {
	TOML         string // sections of qgen.toml, after the usual ones
	EndpointKeys string // further keys of the endpoint
	StoreKeys    string // further keys of [store]
	NoStore      bool   // no [store]
	NoEmbed      bool   // no [lm.embed]
	Host         engine.Host
	NoHost       bool                        // as engine.Options has it
	Chunks       []map[string]any            // payloads of the points 1, 2, …; nil: eight with a text
	Embed        func(text string) []float32 // nil: as the model server embeds
	Dir          string                      // of another world, to go on in
}

// New makes a world, which is closed when the test ends.
func New(t *testing.T, s Setup) *World {
	t.Helper()
	w := &World{T: t, Dir: s.Dir, LLM: llmtest.New(t)}
	if w.Dir == "" {
		w.Dir = t.TempDir()
		if !s.NoStore {
			w.fillStore(s.Chunks, s.Embed)
		}
	}
	cfg, err := config.Load(w.writeConfig(s), nil, w.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if w.Engine, err = engine.New(cfg, engine.Options{Host: s.Host, NoHost: s.NoHost, Version: "test"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func (w *World) writeConfig(s Setup) string {
	text := fmt.Sprintf("[[endpoint]]\nname = \"a\"\nbase_url = %q\n%s\n[lm.task]\nmodel = \"task-model\"\n[lm.teacher]\nmodel = \"teacher-model\"\n[lm.judge]\nmodel = \"judge-model\"\n", w.LLM.URL(), s.EndpointKeys)
	if !s.NoEmbed {
		text += "[lm.embed]\nmodel = \"embed-model\"\n"
	}
	if !s.NoStore {
		text += "[store]\npath = \"db\"\n" + s.StoreKeys + "\n"
	}
	path := filepath.Join(w.Dir, "qgen.toml")
	w.Write("qgen.toml", text+s.TOML)
	return path
}
