package persona

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/sync/semaphore"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/store"
	"qgen-sidecar/qdrantlock"
)

// Sources of personas.
const (
	sourceFile       = "file"
	sourceCollection = "collection"
	sourceHost       = "host"
	sourceNone       = "none"
)

// Chooser chooses who would ask about a chunk.
type Chooser struct {
	cfg    *config.Config
	noHost bool // a command for people: there is nobody to call back
	lm     *lm.Models
	store  *store.Store
	file   fileCache
}

// New reads nothing yet.
func New(cfg *config.Config, noHost bool, models *lm.Models, chunks *store.Store) *Chooser {
	return &Chooser{cfg: cfg, noHost: noHost, lm: models, store: chunks, file: fileCache{embedding: semaphore.NewWeighted(1)}}
}

// source is the source that is asked; see docs/config.md. A command for
// people has no host to call, so it uses what else the config names.
func (ch *Chooser) source() string {
	s := ch.configuredSource()
	if s != sourceHost || !ch.noHost {
		return s
	}
	switch p := ch.cfg.Personas; {
	case p.CollectionGiven:
		return sourceCollection
	case p.PathGiven || files.Exists(p.Path):
		return sourceFile
	}
	return sourceHost
}

// configuredSource is the configured source; without one: the host if it offers
// choose-persona, else the file if one is named or the default one exists,
// else none.
func (ch *Chooser) configuredSource() string {
	p := ch.cfg.Personas
	switch {
	case p.Source != "":
		return p.Source
	case ch.lm.HostChoosesPersona():
		return sourceHost
	case p.PathGiven || files.Exists(p.Path):
		return sourceFile
	}
	return sourceNone
}

// ChoosePersona is the method of that name: who would ask about a chunk.
func (ch *Chooser) ChoosePersona(ctx context.Context, p api.ChoosePersonaParams) (*api.PersonaResult, error) {
	ctx, c, err := ch.lm.Begin(ctx, "choose-persona", p.Call, dispatcher.Interactive, nil)
	if err != nil {
		return nil, err
	}
	defer c.End()
	if err := api.RequireText("chunk_text", p.ChunkText); err != nil {
		return nil, err
	}
	result, err := ch.Choose(ctx, c, p.ChunkText, p.ChunkID)
	return result, c.Fault(ctx, err)
}

// Fitting lists who could ask about a chunk, the best fitting first: what a person
// chooses another one from. Empty where the source knows only one.
func (ch *Chooser) Fitting(ctx context.Context, p api.ChoosePersonaParams) ([]api.PersonaResult, error) {
	ctx, c, err := ch.lm.Begin(ctx, "choose-persona", p.Call, dispatcher.Suggesting, nil)
	if err != nil {
		return nil, err
	}
	defer c.End()
	out, err := ch.list(ctx, c, p.ChunkText)
	return out, c.Fault(ctx, err)
}

// Choose is the persona of the source for the chunk; without a description where
// the source has nobody for it.
func (ch *Chooser) Choose(ctx context.Context, c *lm.Call, chunk string, id api.ChunkID) (*api.PersonaResult, error) {
	switch ch.source() {
	case sourceHost:
		return ch.fromHost(ctx, c, chunk, id)
	case sourceFile:
		return ch.fromFile(ctx, c, chunk)
	case sourceCollection:
		return ch.fromCollection(ctx, c, chunk)
	}
	return &api.PersonaResult{Source: sourceNone}, nil
}

// For is the persona of a generation: the one given, else one chosen.
// skip means that the host wants no question of this chunk.
func (ch *Chooser) For(ctx context.Context, c *lm.Call, given *string, chunk string, id api.ChunkID) (persona string, skip bool, err error) {
	if given != nil {
		return *given, false, nil
	}
	chosen, err := ch.Choose(ctx, c, chunk, id)
	if err != nil {
		return "", false, err
	}
	if chosen.PersonaDescription == nil {
		return "", chosen.Source == sourceHost, nil
	}
	return *chosen.PersonaDescription, false, nil
}

func (ch *Chooser) fromHost(ctx context.Context, c *lm.Call, chunk string, id api.ChunkID) (*api.PersonaResult, error) {
	switch {
	case ch.lm.HostChoosesPersona():
	case ch.noHost:
		return nil, &api.CallbackError{Callback: "choose-persona", Reason: `personas.source is "host" and a command has no host to ask; name personas.collection or personas.path too, for the commands to choose from`}
	default:
		return nil, &api.CallbackError{Callback: "choose-persona", Reason: `not offered by the host, but personas.source is "host"; declare the capability choose_persona at initialize, or choose another source`}
	}
	chosen, err := ch.lm.PersonaOfHost(ctx, c, chunk, id)
	if err != nil {
		return nil, err
	}
	if chosen == nil {
		chosen = &api.PersonaResult{}
	}
	result := *chosen
	result.Source = sourceHost
	return &result, nil
}

// fromCollection searches the personas by the embedded chunk.
func (ch *Chooser) fromCollection(ctx context.Context, c *lm.Call, chunk string) (*api.PersonaResult, error) {
	found, err := ch.nearest(ctx, c, chunk, 1)
	if err != nil {
		return nil, err
	}
	return &found[0], nil
}

// nearest are the nearest personas, at least one.
func (ch *Chooser) nearest(ctx context.Context, c *lm.Call, chunk string, limit int) ([]api.PersonaResult, error) {
	if !ch.lm.CanEmbed() {
		return nil, lm.NeedEmbed("config personas.source", `to search personas with ("collection")`)
	}
	vectors, err := ch.lm.Embed(ctx, c, []string{chunk}, lm.ForQuery)
	if err != nil {
		return nil, err
	}
	p := ch.cfg.Personas
	hits, err := ch.store.Search(ctx, p.Collection, p.Vector, vectors[0], limit)
	if err != nil {
		return nil, err
	}
	if len(hits) == 0 {
		return nil, ch.fault("the collection is empty")
	}
	out := make([]api.PersonaResult, len(hits))
	for i, hit := range hits {
		description := hit.String(p.DescriptionField)
		if strings.TrimSpace(description) == "" {
			return nil, ch.fault(fmt.Sprintf("point %v has no text under %q (personas.description_field)", hit.ID, p.DescriptionField))
		}
		score := hit.Score
		out[i] = api.PersonaResult{PersonaDescription: &description, Name: hit.String(p.NameField), Score: &score, Source: sourceCollection}
	}
	return out, nil
}

// listed are as many as a person looks through.
const listed = 9

func (ch *Chooser) list(ctx context.Context, c *lm.Call, chunk string) ([]api.PersonaResult, error) {
	switch ch.source() {
	case sourceCollection:
		return ch.nearest(ctx, c, chunk, listed)
	case sourceFile:
		personas, err := ch.cached()
		if err != nil || len(personas) < 2 {
			return nil, err
		}
		ranked, err := ch.rank(ctx, c, chunk, personas)
		var out []api.PersonaResult
		for _, r := range ranked[:min(len(ranked), listed)] {
			out = append(out, *filePersona(r.entry, &r.score))
		}
		return out, err
	}
	return nil, nil
}

func (ch *Chooser) fault(reason string) error {
	s := ch.cfg.Store
	return &qdrantlock.StoreError{Path: s.Path, URL: s.URL, Collection: ch.cfg.Personas.Collection, Reason: reason}
}
