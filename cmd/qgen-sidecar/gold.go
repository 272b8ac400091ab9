package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"qgen-sidecar/cmd/qgen-sidecar/view"
	"qgen-sidecar/engine"
	"qgen-sidecar/engine/annotate/review"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/decisions"
)

func goldShow(ctx context.Context, c *console, args []string) error {
	fs := c.flagSet("gold show")
	n := fs.Int("n", 5, "how many")
	var seed *int64
	fs.Func("seed", "the same seed shows the same entries", func(s string) (err error) {
		seed = new(int64)
		_, err = fmt.Sscan(s, seed)
		return err
	})
	rest, err := c.parseMixed(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("gold show takes flags only, found %q", rest[0])
	}
	return c.withEngine(ctx, func(ctx context.Context, e *engine.Engine) error {
		r, err := e.GoldSample(ctx, api.GoldSampleParams{Count: n, Seed: seed})
		if err != nil {
			return err
		}
		return show(c, r, view.GoldSample)
	})
}

// goldReview is a screen to look through the gold set and mend it; where there is
// no terminal it prints all of it.
func goldReview(ctx context.Context, c *console, args []string) error {
	if c.interactive() && !c.json {
		return c.reviewScreen(ctx, args)
	}
	return c.withGold(ctx, "gold review", args, func(gold []api.GoldEntry) error {
		out := make([]view.IndexedEntry, len(gold))
		for i, g := range gold {
			out[i] = view.IndexedEntry{Index: i, GoldEntry: g}
		}
		return show(c, out, view.GoldEntries)
	})
}

func (c *console) reviewScreen(ctx context.Context, args []string) error {
	if err := c.noArguments("gold review", args); err != nil {
		return err
	}
	return c.withEngine(ctx, func(ctx context.Context, e *engine.Engine) error {
		gold, err := e.GoldEntries()
		if err != nil {
			return err
		}
		o := review.Options{In: c.stdin, Out: c.stdout, Editor: os.Getenv("EDITOR")}
		_, o.NoColor = os.LookupEnv("NO_COLOR")
		raw := map[review.Entry]json.RawMessage{}
		for _, g := range gold {
			entry := review.Entry{ChunkText: g.ChunkText, Persona: g.PersonaDescription, Question: g.GoldQuestion, QueryType: g.QueryType, QueryFormat: g.QueryFormat}
			raw[entry] = g.Raw
			o.Entries = append(o.Entries, entry)
		}
		named := func(x review.Entry) api.GoldRemoveParams {
			return api.GoldRemoveParams{ChunkText: x.ChunkText, GoldQuestion: x.Question}
		}
		o.Reword = func(ctx context.Context, x review.Entry, question string) error {
			err := e.GoldReword(ctx, named(x), question)
			if had, ok := raw[x]; err == nil && ok {
				x.Question = question
				raw[x] = had
			}
			return err
		}
		o.Remove = func(ctx context.Context, x review.Entry) error {
			_, err := e.GoldRemove(ctx, named(x))
			return err
		}
		o.Restore = func(ctx context.Context, x review.Entry) error {
			if _, err := e.GoldImport(ctx, []json.RawMessage{raw[x]}); err != nil {
				return err
			}
			return nil
		}
		return review.Run(api.WithProgress(ctx, func(api.Progress) {}), o)
	})
}

// goldMerge brings other people's journals into the gold set.
func goldMerge(ctx context.Context, c *console, args []string) error {
	rest, err := c.parseMixed(c.flagSet("gold merge"), args)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		return usagef("expected journals: qgen-sidecar gold merge JOURNAL…")
	}
	return c.withEngine(ctx, func(ctx context.Context, e *engine.Engine) error {
		gold, err := goldSoFar(e)
		if err != nil {
			return err
		}
		o := annotateOptions(e)
		merged, err := decisions.Merge(ctx, o.Journal, rest, gold, o.Save)
		if err != nil {
			return err
		}
		return show(c, merged, view.GoldMerged)
	})
}

// withGold runs fn with the whole gold set of a command without arguments.
func (c *console) withGold(ctx context.Context, name string, args []string, fn func([]api.GoldEntry) error) error {
	if err := c.noArguments(name, args); err != nil {
		return err
	}
	return c.withEngine(ctx, func(_ context.Context, e *engine.Engine) error {
		gold, err := e.GoldEntries()
		if err != nil {
			return err
		}
		return fn(gold)
	})
}

func goldCheck(ctx context.Context, c *console, args []string) error {
	if err := c.noArguments("gold check", args); err != nil {
		return err
	}
	return c.withEngine(ctx, func(_ context.Context, e *engine.Engine) error {
		found, err := e.CheckGold()
		if err != nil {
			return err
		}
		return show(c, found, view.GoldCheck)
	})
}
