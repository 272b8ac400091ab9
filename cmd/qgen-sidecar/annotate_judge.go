package main

import (
	"context"
	"os"
	"os/user"

	"qgen-sidecar/engine"
	"qgen-sidecar/engine/annotate/scoring"
	"qgen-sidecar/engine/api"
)

// scoreBlind has a person score what both programs write, without a word on
// which one did.
func (c *console) scoreBlind(ctx context.Context, e *engine.Engine, count int) error {
	outputs, err := e.BlindOutputs(ctx, api.BlindParams{Count: count})
	if err != nil {
		return err
	}
	by := person()
	before, err := scoredBefore(e, by)
	if err != nil {
		return err
	}
	byID := map[string]api.BlindOutput{}
	o := scoring.Options{In: c.stdin, Out: c.stdout, IsTerminal: c.interactive()}
	_, o.NoColor = os.LookupEnv("NO_COLOR")
	for _, out := range outputs {
		byID[out.ID] = out
		had := before[out.ID]
		o.Outputs = append(o.Outputs, scoring.Output{ID: out.ID, ChunkText: out.ChunkText, Persona: out.PersonaDescription,
			GoldQuestion: out.GoldQuestion, Asked: out.Query, Score: had.Score, Lacks: had.Lacks})
	}
	o.Save = func(ctx context.Context, out scoring.Output, score int, lacks []string) error {
		return e.AddScore(ctx, api.PersonScore{BlindOutput: byID[out.ID], Score: score, Lacks: lacks, Undone: score == 0, By: by})
	}
	return scoring.Run(api.WithProgress(ctx, func(api.Progress) {}), o)
}

// person is who scores: agreement between people is a question of its own.
func person() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return os.Getenv("USER")
}

func scoredBefore(e *engine.Engine, by string) (map[string]api.PersonScore, error) {
	scores, err := e.Scores()
	out := map[string]api.PersonScore{}
	for _, s := range scores {
		if s.By == by {
			out[s.ID] = s
		}
	}
	return out, err
}
