package persona_test

import (
	"context"
	"errors"
	"testing"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/internal/llmtest"
	"qgen-sidecar/qdrantlock"
)

func TestPersonaSources(t *testing.T) {
	personas := `[{"name": "Ann", "description": "asks about bicycle storage and cellars"},
 {"name": "Bob", "description": "The heating thermostat in each room is set by the tenant, he says"}]`
	host := func(r *api.PersonaResult, err error) engine.Host {
		return engine.Host{ChoosePersona: func(context.Context, string, api.ChunkID, string) (*api.PersonaResult, error) { return r, err }}
	}
	tests := map[string]struct {
		setup        enginetest.Setup
		file         string
		source, name string
		null         bool
	}{
		"file, nearest":     {enginetest.Setup{}, personas, "file", "Bob", false},
		"file, only one":    {enginetest.Setup{NoEmbed: true}, `[{"name": "Ann", "description": "a"}]`, "file", "Ann", false},
		"host":              {enginetest.Setup{Host: host(&api.PersonaResult{PersonaDescription: new("h"), Name: "Host"}, nil)}, personas, "host", "Host", false},
		"host skips":        {enginetest.Setup{Host: host(&api.PersonaResult{}, nil)}, "", "host", "", true},
		"file before host":  {enginetest.Setup{TOML: "[personas]\nsource = \"file\"\n", Host: host(nil, errors.New("not asked"))}, personas, "file", "Bob", false},
		"none":              {enginetest.Setup{TOML: "[personas]\nsource = \"none\"\n"}, personas, "none", "", true},
		"nothing there":     {enginetest.Setup{}, "", "none", "", true},
		"no host, the file": {enginetest.Setup{TOML: "[personas]\nsource = \"host\"\n", NoHost: true}, personas, "file", "Bob", false},
		"embed by the host": {enginetest.Setup{NoEmbed: true, Host: engine.Host{Embed: enginetest.HostEmbed}}, personas, "file", "Bob", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.setup.NoStore = true
			w := enginetest.New(t, tt.setup)
			if tt.file != "" {
				w.Write("personas.json", tt.file)
			}
			r := enginetest.Must(w.ChoosePersona(t.Context(), api.ChoosePersonaParams{ChunkText: enginetest.AboutHeating}))(t)
			if r.Source != tt.source || r.Name != tt.name || (r.PersonaDescription == nil) != tt.null {
				t.Errorf("result = %+v", r)
			}
		})
	}
}

func TestPersonaFromCollection(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{TOML: "[personas]\nsource = \"collection\"\n"})
	_, err := w.ChoosePersona(t.Context(), api.ChoosePersonaParams{ChunkText: enginetest.AboutHeating})
	if e := enginetest.As[*qdrantlock.StoreError](t, err); e.Collection != "characters" {
		t.Errorf("err = %v", e)
	}
	w.Close()
	store := enginetest.Must(qdrantlock.Open(t.Context(), qdrantlock.Config{Path: w.Path("db")}))(t)
	size := uint64(len(llmtest.Embed("x")))
	if err := store.Client().CreateCollection(t.Context(), &qdrant.CreateCollection{CollectionName: "characters",
		VectorsConfig: qdrant.NewVectorsConfig(&qdrant.VectorParams{Size: size, Distance: qdrant.Distance_Cosine})}); err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{"wants to park a car", "The heating thermostat in each room"} {
		enginetest.Must(store.Client().Upsert(t.Context(), &qdrant.UpsertPoints{CollectionName: "characters", Points: []*qdrant.PointStruct{{
			Id: qdrant.NewIDNum(uint64(i)), Vectors: qdrant.NewVectorsDense(llmtest.Embed(text)),
			Payload: qdrant.NewValueMap(map[string]any{"name": i, "description": text})}}}))(t)
	}
	store.Close()
	for _, s := range []enginetest.Setup{
		{TOML: "[personas]\nsource = \"collection\"\n", Dir: w.Dir},
		{TOML: "[personas]\nsource = \"host\"\ncollection = \"characters\"\n", NoHost: true, Dir: w.Dir},
	} {
		again := enginetest.New(t, s)
		r := enginetest.Must(again.ChoosePersona(t.Context(), api.ChoosePersonaParams{ChunkText: enginetest.AboutHeating}))(t)
		again.Close()
		if r.Source != "collection" || *r.PersonaDescription != "The heating thermostat in each room" || *r.Score < 0.5 {
			t.Errorf("%q: result = %+v", s.TOML, r)
		}
	}
}

func TestPersonaFaults(t *testing.T) {
	two := `[{"name": "a", "description": "a"}, {"name": "b", "description": "b"}]`
	ask := func(w *enginetest.World) error {
		_, err := w.ChoosePersona(t.Context(), api.ChoosePersonaParams{ChunkText: "c"})
		return err
	}
	without := enginetest.New(t, enginetest.Setup{NoStore: true, NoEmbed: true})
	without.Write("personas.json", two)
	enginetest.As[*api.ParamError](t, ask(without))

	bad := enginetest.New(t, enginetest.Setup{NoStore: true})
	bad.Write("personas.json", "[{\"name\": \"a\", \"description\": \"a\"},\n {\"name\": \"b\"}]")
	if e := enginetest.As[*api.FileError](t, ask(bad)); e.Line != 2 {
		t.Errorf("err = %v", e)
	}
	bad.Write("personas.json", two) // the file is read again when it changed
	if err := ask(bad); err != nil {
		t.Error(err)
	}
	enginetest.As[*api.FileError](t, ask(enginetest.New(t, enginetest.Setup{NoStore: true, TOML: "[personas]\npath = \"gone.json\"\n"})))
	enginetest.As[*api.CallbackError](t, ask(enginetest.New(t, enginetest.Setup{NoStore: true, TOML: "[personas]\nsource = \"host\"\n"})))
	enginetest.As[*api.CallbackError](t, ask(enginetest.New(t, enginetest.Setup{NoStore: true, NoHost: true, TOML: "[personas]\nsource = \"host\"\n"})))

	failing := engine.Host{ChoosePersona: func(context.Context, string, api.ChunkID, string) (*api.PersonaResult, error) {
		return nil, errors.New("no such character")
	}}
	if e := enginetest.As[*api.CallbackError](t, ask(enginetest.New(t, enginetest.Setup{NoStore: true, Host: failing}))); e.Callback != "choose-persona" {
		t.Errorf("err = %v", e)
	}
	slow := engine.Host{ChoosePersona: func(ctx context.Context, _ string, _ api.ChunkID, _ string) (*api.PersonaResult, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	enginetest.As[*api.CallbackError](t, ask(enginetest.New(t, enginetest.Setup{NoStore: true, Host: slow, TOML: "[limits]\nhost_callback_s = 0.05\n"})))
	_, err := enginetest.New(t, enginetest.Setup{NoStore: true, Host: slow}).ChoosePersona(t.Context(), api.ChoosePersonaParams{ChunkText: "c", Call: api.Call{TimeoutS: new(0.05)}})
	enginetest.As[*api.TimeoutError](t, err)
	enginetest.As[*api.ParamError](t, func() error { _, err := bad.ChoosePersona(t.Context(), api.ChoosePersonaParams{}); return err }())
}

func TestPersonasToChooseFrom(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.Write("personas.json", `[{"name": "Ann", "description": "asks about bicycle storage"}, {"name": "Bob", "description": "asks about the heating thermostat"}]`)
	list := enginetest.Must(w.Personas(t.Context(), api.ChoosePersonaParams{ChunkText: enginetest.AboutHeating}))(t)
	if len(list) != 2 || list[0].Name != "Bob" || *list[0].Score <= *list[1].Score {
		t.Errorf("personas = %+v", list)
	}
}
