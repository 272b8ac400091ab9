package engine_test

import (
	"context"
	"errors"
	"testing"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/llmtest"
	"qgen-sidecar/qdrantlock"
)

const chunkAboutHeating = "The heating thermostat in each room is set by the tenant."

func TestPersonaSources(t *testing.T) {
	personas := `[{"name": "Ann", "description": "asks about bicycle storage and cellars"},
 {"name": "Bob", "description": "The heating thermostat in each room is set by the tenant, he says"}]`
	host := func(r *api.PersonaResult, err error) engine.Host {
		return engine.Host{ChoosePersona: func(context.Context, string, api.ChunkID, string) (*api.PersonaResult, error) { return r, err }}
	}
	tests := map[string]struct {
		setup        setup
		file         string
		source, name string
		null         bool
	}{
		"file, nearest":     {setup{}, personas, "file", "Bob", false},
		"file, only one":    {setup{noEmbed: true}, `[{"name": "Ann", "description": "a"}]`, "file", "Ann", false},
		"host":              {setup{host: host(&api.PersonaResult{PersonaDescription: ptr("h"), Name: "Host"}, nil)}, personas, "host", "Host", false},
		"host skips":        {setup{host: host(&api.PersonaResult{}, nil)}, "", "host", "", true},
		"file before host":  {setup{toml: "[personas]\nsource = \"file\"\n", host: host(nil, errors.New("not asked"))}, personas, "file", "Bob", false},
		"none":              {setup{toml: "[personas]\nsource = \"none\"\n"}, personas, "none", "", true},
		"nothing there":     {setup{}, "", "none", "", true},
		"no host, the file": {setup{toml: "[personas]\nsource = \"host\"\n", noHost: true}, personas, "file", "Bob", false},
		"embed by the host": {setup{noEmbed: true, host: engine.Host{Embed: hostEmbed}}, personas, "file", "Bob", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.setup.noStore = true
			w := newWorld(t, tt.setup)
			if tt.file != "" {
				w.write("personas.json", tt.file)
			}
			r := must(w.ChoosePersona(ctx, api.ChoosePersonaParams{ChunkText: chunkAboutHeating}))(t)
			if r.Source != tt.source || r.Name != tt.name || (r.PersonaDescription == nil) != tt.null {
				t.Errorf("result = %+v", r)
			}
		})
	}
}

func hostEmbed(_ context.Context, texts []string, _ string) ([][]float32, error) {
	var out [][]float32
	for _, text := range texts {
		out = append(out, llmtest.Embed(text))
	}
	return out, nil
}

func TestPersonaFromCollection(t *testing.T) {
	w := newWorld(t, setup{toml: "[personas]\nsource = \"collection\"\n"})
	_, err := w.ChoosePersona(ctx, api.ChoosePersonaParams{ChunkText: chunkAboutHeating})
	if e := as[*qdrantlock.StoreError](t, err); e.Collection != "characters" {
		t.Errorf("err = %v", e)
	}
	w.Close()
	store := must(qdrantlock.Open(ctx, qdrantlock.Config{Path: w.path("db")}))(t)
	size := uint64(len(llmtest.Embed("x")))
	if err := store.Client().CreateCollection(ctx, &qdrant.CreateCollection{CollectionName: "characters",
		VectorsConfig: qdrant.NewVectorsConfig(&qdrant.VectorParams{Size: size, Distance: qdrant.Distance_Cosine})}); err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{"wants to park a car", "The heating thermostat in each room"} {
		must(store.Client().Upsert(ctx, &qdrant.UpsertPoints{CollectionName: "characters", Points: []*qdrant.PointStruct{{
			Id: qdrant.NewIDNum(uint64(i)), Vectors: qdrant.NewVectorsDense(llmtest.Embed(text)),
			Payload: qdrant.NewValueMap(map[string]any{"name": i, "description": text})}}}))(t)
	}
	store.Close()
	for _, s := range []setup{
		{toml: "[personas]\nsource = \"collection\"\n", dir: w.dir},
		{toml: "[personas]\nsource = \"host\"\ncollection = \"characters\"\n", noHost: true, dir: w.dir},
	} {
		again := newWorld(t, s)
		r := must(again.ChoosePersona(ctx, api.ChoosePersonaParams{ChunkText: chunkAboutHeating}))(t)
		again.Close()
		if r.Source != "collection" || *r.PersonaDescription != "The heating thermostat in each room" || *r.Score < 0.5 {
			t.Errorf("%q: result = %+v", s.toml, r)
		}
	}
}

func TestPersonaFaults(t *testing.T) {
	two := `[{"name": "a", "description": "a"}, {"name": "b", "description": "b"}]`
	ask := func(w *world) error {
		_, err := w.ChoosePersona(ctx, api.ChoosePersonaParams{ChunkText: "c"})
		return err
	}
	without := newWorld(t, setup{noStore: true, noEmbed: true})
	without.write("personas.json", two)
	as[*api.ParamError](t, ask(without))

	bad := newWorld(t, setup{noStore: true})
	bad.write("personas.json", "[{\"name\": \"a\", \"description\": \"a\"},\n {\"name\": \"b\"}]")
	if e := as[*api.FileError](t, ask(bad)); e.Line != 2 {
		t.Errorf("err = %v", e)
	}
	bad.write("personas.json", two) // the file is read again when it changed
	if err := ask(bad); err != nil {
		t.Error(err)
	}
	as[*api.FileError](t, ask(newWorld(t, setup{noStore: true, toml: "[personas]\npath = \"gone.json\"\n"})))
	as[*api.CallbackError](t, ask(newWorld(t, setup{noStore: true, toml: "[personas]\nsource = \"host\"\n"})))
	as[*api.CallbackError](t, ask(newWorld(t, setup{noStore: true, noHost: true, toml: "[personas]\nsource = \"host\"\n"})))

	failing := engine.Host{ChoosePersona: func(context.Context, string, api.ChunkID, string) (*api.PersonaResult, error) {
		return nil, errors.New("no such character")
	}}
	if e := as[*api.CallbackError](t, ask(newWorld(t, setup{noStore: true, host: failing}))); e.Callback != "choose-persona" {
		t.Errorf("err = %v", e)
	}
	slow := engine.Host{ChoosePersona: func(ctx context.Context, _ string, _ api.ChunkID, _ string) (*api.PersonaResult, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	as[*api.CallbackError](t, ask(newWorld(t, setup{noStore: true, host: slow, toml: "[limits]\nhost_callback_s = 0.05\n"})))
	_, err := newWorld(t, setup{noStore: true, host: slow}).ChoosePersona(ctx, api.ChoosePersonaParams{ChunkText: "c", Call: api.Call{TimeoutS: ptr(0.05)}})
	as[*api.TimeoutError](t, err)
	as[*api.ParamError](t, func() error { _, err := bad.ChoosePersona(ctx, api.ChoosePersonaParams{}); return err }())
}
