package engine

import (
	"context"
	"fmt"
	"strings"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/store"
	"qgen-sidecar/qdrantlock"
)

// Sources of personas.
const (
	personasFile       = "file"
	personasCollection = "collection"
	personasHost       = "host"
	personasNone       = "none"
)

// personaSource is the source that is asked; see docs/config.md. A command for
// people has no host to call, so it uses what else the config names.
func (e *Engine) personaSource() string {
	s := e.configuredSource()
	if s != personasHost || !e.opts.NoHost {
		return s
	}
	switch p := e.cfg.Personas; {
	case p.CollectionGiven:
		return personasCollection
	case p.PathGiven || files.Exists(p.Path):
		return personasFile
	}
	return personasHost
}

// configuredSource is the configured source; without one: the host if it offers
// choose-persona, else the file if one is named or the default one exists,
// else none.
func (e *Engine) configuredSource() string {
	p := e.cfg.Personas
	switch {
	case p.Source != "":
		return p.Source
	case e.host.ChoosePersona != nil:
		return personasHost
	case p.PathGiven || files.Exists(p.Path):
		return personasFile
	}
	return personasNone
}

// ChoosePersona chooses who would ask about a chunk.
func (e *Engine) ChoosePersona(ctx context.Context, p api.ChoosePersonaParams) (*api.PersonaResult, error) {
	c, err := e.lm.Begin(ctx, "choose-persona", p.Call, dispatcher.Interactive, nil)
	if err != nil {
		return nil, err
	}
	defer c.Cancel()
	if err := api.RequireText("chunk_text", p.ChunkText); err != nil {
		return nil, err
	}
	result, err := e.choosePersona(c, p.ChunkText, p.ChunkID)
	return result, c.Fault(err)
}

func (e *Engine) choosePersona(c *lm.Call, chunk string, id api.ChunkID) (*api.PersonaResult, error) {
	switch e.personaSource() {
	case personasHost:
		return e.personaFromHost(c, chunk, id)
	case personasFile:
		return e.personaFromFile(c, chunk)
	case personasCollection:
		return e.personaFromCollection(c, chunk)
	}
	return &api.PersonaResult{Source: personasNone}, nil
}

// personaFor is the persona of a generation: the one given, else one chosen.
// skip means that the host wants no question of this chunk.
func (e *Engine) personaFor(c *lm.Call, given *string, chunk string, id api.ChunkID) (persona string, skip bool, err error) {
	if given != nil {
		return *given, false, nil
	}
	chosen, err := e.choosePersona(c, chunk, id)
	if err != nil {
		return "", false, err
	}
	if chosen.PersonaDescription == nil {
		return "", chosen.Source == personasHost, nil
	}
	return *chosen.PersonaDescription, false, nil
}

func (e *Engine) personaFromHost(c *lm.Call, chunk string, id api.ChunkID) (*api.PersonaResult, error) {
	switch {
	case e.host.ChoosePersona != nil:
	case e.opts.NoHost:
		return nil, &api.CallbackError{Callback: "choose-persona", Reason: `personas.source is "host" and a command has no host to ask; name personas.collection or personas.path too, for the commands to choose from`}
	default:
		return nil, &api.CallbackError{Callback: "choose-persona", Reason: `not offered by the host, but personas.source is "host"; declare the capability choose_persona at initialize, or choose another source`}
	}
	ctx, cancel := e.lm.CallbackContext(c.Ctx)
	defer cancel()
	chosen, err := e.host.ChoosePersona(ctx, chunk, id, c.Trace)
	if err := e.lm.CallbackFault(ctx, "choose-persona", err); err != nil {
		return nil, err
	}
	if chosen == nil {
		chosen = &api.PersonaResult{}
	}
	result := *chosen
	result.Source = personasHost
	return &result, nil
}

// personaFromCollection searches the personas by the embedded chunk.
func (e *Engine) personaFromCollection(c *lm.Call, chunk string) (*api.PersonaResult, error) {
	found, err := e.personasFromCollection(c, chunk, 1)
	if err != nil {
		return nil, err
	}
	return &found[0], nil
}

// personasFromCollection are the nearest personas, at least one.
func (e *Engine) personasFromCollection(c *lm.Call, chunk string, limit int) ([]api.PersonaResult, error) {
	if !e.lm.CanEmbed() {
		return nil, lm.NeedEmbed("config personas.source", `to search personas with ("collection")`)
	}
	vectors, err := e.lm.Embed(c, []string{chunk}, lm.ForQuery)
	if err != nil {
		return nil, err
	}
	p := e.cfg.Personas
	hits, err := e.store.Search(c.Ctx, p.Collection, p.Vector, vectors[0], limit, nil)
	if err != nil {
		return nil, err
	}
	if len(hits) == 0 {
		return nil, e.personaFault("the collection is empty")
	}
	out := make([]api.PersonaResult, len(hits))
	for i, hit := range hits {
		payload := hit.GetPayload()
		description, _ := store.Field(payload, p.DescriptionField).(string)
		if strings.TrimSpace(description) == "" {
			return nil, e.personaFault(fmt.Sprintf("point %v has no text under %q (personas.description_field)", store.IDValue(hit.GetId()), p.DescriptionField))
		}
		name, _ := store.Field(payload, p.NameField).(string)
		score := float64(hit.GetScore())
		out[i] = api.PersonaResult{PersonaDescription: &description, Name: name, Score: &score, Source: personasCollection}
	}
	return out, nil
}

// personasListed are as many as a person looks through.
const personasListed = 9

// Personas lists who could ask about a chunk, the best fitting first: what a
// person chooses another one from. Empty where the source knows only one.
func (e *Engine) Personas(ctx context.Context, p api.ChoosePersonaParams) ([]api.PersonaResult, error) {
	c, err := e.lm.Begin(ctx, "choose-persona", p.Call, dispatcher.Suggesting, nil)
	if err != nil {
		return nil, err
	}
	defer c.Cancel()
	out, err := e.listPersonas(c, p.ChunkText)
	return out, c.Fault(err)
}

func (e *Engine) listPersonas(c *lm.Call, chunk string) ([]api.PersonaResult, error) {
	switch e.personaSource() {
	case personasCollection:
		return e.personasFromCollection(c, chunk, personasListed)
	case personasFile:
		personas, err := e.filePersonas()
		if err != nil || len(personas) < 2 {
			return nil, err
		}
		ranked, err := e.rankPersonas(c, chunk, personas)
		var out []api.PersonaResult
		for _, r := range ranked[:min(len(ranked), personasListed)] {
			out = append(out, *filePersona(r.persona, &r.score))
		}
		return out, err
	}
	return nil, nil
}

func (e *Engine) personaFault(reason string) error {
	s := e.cfg.Store
	return &qdrantlock.StoreError{Path: s.Path, URL: s.URL, Collection: e.cfg.Personas.Collection, Reason: reason}
}
