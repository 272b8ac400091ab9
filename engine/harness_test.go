package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/engine"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/internal/llmtest"
	"qgen-sidecar/qdrantlock"
)

// world is an engine over a real folder store and a deterministic model server.
type world struct {
	*engine.Engine
	t   *testing.T
	dir string
	llm *llmtest.Server
}

// setup is what a test wants different from the usual.
type setup struct {
	toml    string // after the usual sections
	keys    string // further keys of the endpoint
	store   string // further keys of [store]
	noStore bool
	noEmbed bool
	host    engine.Host
	noHost  bool
	chunks  []map[string]any            // payloads of the points 1, 2, …; nil: eight with a text
	embed   func(text string) []float32 // nil: as the model server embeds
	dir     string                      // of another world, to go on in
}

// eightChunks are payloads whose texts have words to ask about.
func eightChunks() []map[string]any {
	topics := []string{"deposits insurance", "balcony railings", "heating thermostat", "elevator inspection",
		"bicycle storage", "garbage collection", "laundry schedule", "parking permits"}
	var out []map[string]any
	for i, topic := range topics {
		out = append(out, map[string]any{"text": fmt.Sprintf("The tenant handbook explains %s in paragraph %d with several practical details.", topic, i+1),
			"title": "Handbook", "nested": map[string]any{"page": i + 1}})
	}
	return out
}

func newWorld(t *testing.T, s setup) *world {
	t.Helper()
	w := &world{t: t, dir: s.dir, llm: llmtest.New(t)}
	if w.dir == "" {
		w.dir = t.TempDir()
		if !s.noStore {
			w.fillStore(s.chunks, s.embed)
		}
	}
	cfg, err := config.Load(w.writeConfig(s), nil, w.dir)
	if err != nil {
		t.Fatal(err)
	}
	if w.Engine, err = engine.New(cfg, engine.Options{Host: s.host, NoHost: s.noHost, Version: "test"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func (w *world) writeConfig(s setup) string {
	text := fmt.Sprintf("[[endpoint]]\nname = \"a\"\nbase_url = %q\n%s\n[lm.task]\nmodel = \"task-model\"\n[lm.teacher]\nmodel = \"teacher-model\"\n[lm.judge]\nmodel = \"judge-model\"\n", w.llm.URL(), s.keys)
	if !s.noEmbed {
		text += "[lm.embed]\nmodel = \"embed-model\"\n"
	}
	if !s.noStore {
		text += "[store]\npath = \"db\"\n" + s.store + "\n"
	}
	path := filepath.Join(w.dir, "qgen.toml")
	w.write("qgen.toml", text+s.toml)
	return path
}

// fillStore makes the folder that Python's client would have made: chunks with
// the model server's own embeddings.
func (w *world) fillStore(payloads []map[string]any, embed func(string) []float32) {
	w.t.Helper()
	if payloads == nil {
		payloads = eightChunks()
	}
	if embed == nil {
		embed = llmtest.Embed
	}
	w.write("db/meta.json", `{"collections": {}, "aliases": {}}`)
	ctx := context.Background()
	store, err := qdrantlock.Open(ctx, qdrantlock.Config{Path: filepath.Join(w.dir, "db")})
	if err != nil {
		w.t.Fatal(err)
	}
	defer store.Close()
	size := uint64(len(embed("x")))
	err = store.Client().CreateCollection(ctx, &qdrant.CreateCollection{CollectionName: "chunks",
		VectorsConfig: qdrant.NewVectorsConfig(&qdrant.VectorParams{Size: size, Distance: qdrant.Distance_Cosine})})
	if err != nil {
		w.t.Fatal(err)
	}
	var points []*qdrant.PointStruct
	for i, p := range payloads {
		text, _ := p["text"].(string)
		points = append(points, &qdrant.PointStruct{Id: qdrant.NewIDNum(uint64(i + 1)), Payload: qdrant.NewValueMap(p),
			Vectors: qdrant.NewVectorsDense(embed(text + " "))})
	}
	wait := true
	if _, err := store.Client().Upsert(ctx, &qdrant.UpsertPoints{CollectionName: "chunks", Wait: &wait, Points: points}); err != nil {
		w.t.Fatal(err)
	}
}

// inStore reads a collection as another program would, with the engine closed.
func (w *world) inStore(collection string) []*qdrant.RetrievedPoint {
	w.t.Helper()
	w.Close()
	ctx := context.Background()
	store, err := qdrantlock.Open(ctx, qdrantlock.Config{Path: filepath.Join(w.dir, "db")})
	if err != nil {
		w.t.Fatal(err)
	}
	defer store.Close()
	limit := uint32(1000)
	points, err := store.Client().Scroll(ctx, &qdrant.ScrollPoints{CollectionName: collection, Limit: &limit,
		WithPayload: qdrant.NewWithPayload(true), WithVectors: qdrant.NewWithVectors(true)})
	if err != nil {
		w.t.Fatal(err)
	}
	return points
}

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

func (w *world) write(name, text string) {
	w.t.Helper()
	path := w.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read(name string) string {
	w.t.Helper()
	data, err := os.ReadFile(w.path(name))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(data)
}

// lines are a file's JSON lines.
func (w *world) lines(name string) []map[string]any {
	w.t.Helper()
	var out []map[string]any
	for _, line := range strings.Split(strings.TrimRight(w.read(name), "\n"), "\n") {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			w.t.Fatalf("%s: %v in %q", name, err, line)
		}
		out = append(out, v)
	}
	return out
}

// writeGold writes n entries, each of a chunk of its own.
func (w *world) writeGold(n int) {
	w.t.Helper()
	var entries []map[string]any
	for i := range n {
		entries = append(entries, map[string]any{
			"chunk_text":          fmt.Sprintf("Chapter %d of the manual covers gearbox maintenance, lubrication intervals and torque value %d.", i, 10*i),
			"persona_description": "a careful mechanic", "gold_question": fmt.Sprintf("Which torque value does the gearbox of chapter %d need?", i), "note": i})
	}
	raw, err := json.Marshal(entries)
	if err != nil {
		w.t.Fatal(err)
	}
	w.write("gold_dataset.json", string(raw))
}

func ptr[T any](v T) *T { return &v }

// as asserts an error's type and gives it.
func as[E error](t *testing.T, err error) E {
	t.Helper()
	var want E
	if !errors.As(err, &want) {
		t.Fatalf("err = %T %v, want %T", err, err, want)
	}
	return want
}

// must gives the value of a call that has to succeed.
func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatalf("unexpected error: %T %v", err, err)
		}
		return v
	}
}

// newBare is an engine whose config is empty.
func newBare(t *testing.T, w *world, host engine.Host) *engine.Engine {
	t.Helper()
	cfg, err := config.Load(w.path("bare.toml"), nil, w.dir)
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
