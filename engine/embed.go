package engine

import (
	"context"
	"fmt"
	"math"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
)

// Purposes of an embedding, as hosts are told: some models embed what is
// searched for and what is found differently.
const (
	forQuery   = "query"
	forPassage = "passage"
)

// canEmbed: the host offers embed, or lm.embed is configured.
func (e *Engine) canEmbed() bool { return e.host.Embed != nil || e.cfg.LM.Embed != nil }

// needEmbed is the error of something that cannot be done without.
func needEmbed(param, what string) error {
	return &api.ParamError{Param: param, Expected: "a vector, a host that offers embed, or [lm.embed] in the config, " + what, Found: "none of them"}
}

// embed gives one vector per text, by the host's own function if it offers one
// (its vectors are what the application searches with), else by lm.embed.
func (e *Engine) embed(c *call, texts []string, purpose string) ([][]float32, error) {
	if e.host.Embed != nil {
		return e.hostEmbed(c.ctx, texts, purpose)
	}
	m := e.cfg.LM.Embed
	if m == nil {
		return nil, needEmbed("config lm.embed", "to embed with")
	}
	reply, err := e.disp.Embed(c.ctx, dispatcher.EmbedRequest{Model: m.Model, Endpoints: m.Endpoints, Texts: texts,
		Fresh: c.fresh, Priority: c.priority, Job: c.job, Trace: c.trace})
	return reply.Vectors, err
}

func (e *Engine) hostEmbed(ctx context.Context, texts []string, purpose string) ([][]float32, error) {
	ctx, cancel := e.callbackContext(ctx)
	defer cancel()
	vectors, err := e.host.Embed(ctx, texts, purpose)
	if err == nil {
		err = checkVectors(vectors, len(texts), e.host.EmbedDim)
		if err != nil && e.host.EmbedModel != "" {
			err = fmt.Errorf("%w (the host declared model %q)", err, e.host.EmbedModel)
		}
	}
	return vectors, e.callbackFault(ctx, "embed", err)
}

// checkVectors holds the host to what it answers for: as many vectors as
// texts, all of one dimension, all finite.
func checkVectors(vectors [][]float32, texts, dimension int) error {
	if len(vectors) != texts {
		return fmt.Errorf("expected %d vectors, found %d", texts, len(vectors))
	}
	for i, v := range vectors {
		if dimension == 0 {
			dimension = len(v)
		}
		if len(v) == 0 || len(v) != dimension {
			return fmt.Errorf("expected vectors of %d numbers, found vector %d of %d", dimension, i, len(v))
		}
		if err := checkFinite(v); err != nil {
			return fmt.Errorf("vector %d: %w", i, err)
		}
	}
	return nil
}

func checkFinite(v []float32) error {
	for i, x := range v {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return fmt.Errorf("expected finite numbers, found %v at %d", x, i)
		}
	}
	return nil
}

// cosine similarity, -1…1; 0 when one vector is zero or the sizes differ.
func cosine(a, b []float32) float64 {
	if len(a) != len(b) {
		return 0
	}
	var ab, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}
