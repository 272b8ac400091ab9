package lm

import (
	"context"
	"fmt"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/vectors"
)

// Purposes of an embedding, as hosts are told: some models embed what is
// searched for and what is found differently.
const (
	ForQuery   = "query"
	ForPassage = "passage"
)

// NeedEmbed is the error of something that cannot be done without.
func NeedEmbed(param, what string) error {
	return &api.ParamError{Param: param, Expected: "a vector, a host that offers embed, or [lm.embed] in the config, " + what, Found: "none of them"}
}

// checkVectors holds the host to what it answers for: as many vectors as
// texts, all of one dimension, all finite.
func checkVectors(found [][]float32, texts, dimension int) error {
	if len(found) != texts {
		return fmt.Errorf("expected %d vectors, found %d", texts, len(found))
	}
	for i, v := range found {
		if dimension == 0 {
			dimension = len(v)
		}
		if len(v) == 0 || len(v) != dimension {
			return fmt.Errorf("expected vectors of %d numbers, found vector %d of %d", dimension, i, len(v))
		}
		if err := vectors.CheckFinite(v); err != nil {
			return fmt.Errorf("vector %d: %w", i, err)
		}
	}
	return nil
}

// CanEmbed: the host offers embed, or lm.embed is configured.
func (m *Models) CanEmbed() bool { return m.host.Embed != nil || m.cfg.LM.Embed != nil }

// Embed gives one vector per text, by the host's own function if it offers one
// (its vectors are what the application searches with), else by lm.embed.
func (m *Models) Embed(ctx context.Context, c *Call, texts []string, purpose string) ([][]float32, error) {
	if m.host.Embed != nil {
		return m.hostEmbed(ctx, texts, purpose)
	}
	model := m.cfg.LM.Embed
	if model == nil {
		return nil, NeedEmbed("config lm.embed", "to embed with")
	}
	reply, err := m.disp.Embed(ctx, dispatcher.EmbedRequest{Model: model.Model, Endpoints: model.Endpoints, Texts: texts,
		Fresh: c.Fresh, Priority: c.priority, Job: c.job, Trace: c.Trace})
	return reply.Vectors, err
}

func (m *Models) hostEmbed(ctx context.Context, texts []string, purpose string) ([][]float32, error) {
	ctx, cancel := m.callbackContext(ctx)
	defer cancel()
	vectors, err := m.host.Embed(ctx, texts, purpose)
	if err == nil {
		err = checkVectors(vectors, len(texts), m.host.EmbedDim)
		if err != nil && m.host.EmbedModel != "" {
			err = fmt.Errorf("%w (the host declared model %q)", err, m.host.EmbedModel)
		}
	}
	return vectors, m.callbackFault(ctx, "embed", err)
}
