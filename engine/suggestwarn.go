package engine

import (
	"context"
	"errors"
	"fmt"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/gate"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/store"
	"qgen-sidecar/qdrantlock"
)

// warnOfTheLost warns of suggestions that do not find their own chunk in the
// store. A warning is no reason to fail: where the store or the embedding is not
// to be had, there is none (see StoreNotice).
func (e *Engine) warnOfTheLost(c *lm.Call, chunk api.ChunkID, suggestions []api.Suggestion) {
	id, ok := store.ParseID(chunk)
	if !ok || len(suggestions) == 0 || e.StoreNotice(c.Ctx) != "" {
		return
	}
	texts := make([]string, len(suggestions))
	for i, s := range suggestions {
		texts[i] = s.Question
	}
	vectors, err := e.lm.Embed(c, texts, lm.ForQuery)
	if err != nil {
		e.log.Debug("suggestions are not searched with", "error", err)
		return
	}
	using, err := e.store.VectorFor(c.Ctx, e.store.Collection(""), len(vectors[0]))
	if err != nil {
		e.log.Debug("suggestions are not searched with", "error", err)
		return
	}
	for i := range suggestions {
		if rank, err := e.store.RoundTripRank(c.Ctx, id, using, vectors[i], roundTripDepth); err == nil && rank == 0 {
			suggestions[i].Warnings = append(suggestions[i].Warnings, fmt.Sprintf("%s: does not find its chunk among the nearest %d", gate.RoundTrip, roundTripDepth))
		}
	}
}

// StoreNotice is why suggestions are not searched with, in a line for people; ""
// when they are.
func (e *Engine) StoreNotice(ctx context.Context) string {
	if e.cfg.Store == nil || !e.lm.CanEmbed() {
		return "suggestions are not searched with: that needs [store] and [lm.embed]"
	}
	err := e.store.Ready(ctx)
	var locked *qdrantlock.LockedError
	switch {
	case errors.As(err, &locked):
		return "suggestions are not searched with: the store is in use (" + locked.Error() + ")"
	case err != nil:
		return "suggestions are not searched with: " + err.Error()
	}
	return ""
}

// textWarnings are what the question's text alone tells: phrases that lean on
// the chunk, wording copied from it, another language. Never nil.
func (e *Engine) textWarnings(question, chunk string) []string {
	warnings := []string{}
	for _, fault := range e.gate.TextFaults(gate.Text, question, chunk) {
		warnings = append(warnings, fault.String())
	}
	return warnings
}
