package suggest

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
// to be had, there is none (see [Suggester.Notice]).
func (s *Suggester) warnOfTheLost(ctx context.Context, call *lm.Call, chunk api.ChunkID, suggestions []api.Suggestion) {
	id, ok := store.ParseID(chunk)
	if !ok || len(suggestions) == 0 || s.Notice(ctx) != "" {
		return
	}
	texts := make([]string, len(suggestions))
	for i, suggestion := range suggestions {
		texts[i] = suggestion.Question
	}
	vectors, err := s.Models.Embed(ctx, call, texts, lm.ForQuery)
	if err != nil {
		s.Log.Debug("suggestions are not searched with", "error", err)
		return
	}
	ranker, err := s.Store.Ranker(ctx, len(vectors[0]))
	if err != nil {
		s.Log.Debug("suggestions are not searched with", "error", err)
		return
	}
	for i := range suggestions {
		if rank, err := ranker.Rank(ctx, id, vectors[i], store.RoundTripDepth); err == nil && rank == 0 {
			suggestions[i].Warnings = append(suggestions[i].Warnings, fmt.Sprintf("%s: does not find its chunk among the nearest %d", gate.RoundTrip, store.RoundTripDepth))
		}
	}
}

// Notice is why suggestions are not searched with, in a line for people; ""
// when they are.
func (s *Suggester) Notice(ctx context.Context) string {
	if s.Config.Store == nil || !s.Models.CanEmbed() {
		return "suggestions are not searched with: that needs [store] and [lm.embed]"
	}
	err := s.Store.Ready(ctx)
	var locked *qdrantlock.LockedError
	switch {
	case errors.As(err, &locked):
		return "suggestions are not searched with: the store is in use (" + locked.Error() + ")"
	case err != nil:
		return "suggestions are not searched with: " + err.Error()
	}
	return ""
}
