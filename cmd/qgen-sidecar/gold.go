package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"

	"github.com/spf13/pflag"

	"qgen-sidecar/cmd/qgen-sidecar/view"
	"qgen-sidecar/engine"
	"qgen-sidecar/engine/annotate/review"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/decisions"
)

func goldShow(c *console, fs *pflag.FlagSet) action {
	n, seed := int64(5), int64(0)
	fs.VarP(whole(&n), "n", "n", "how many entries; default 5")
	define(fs, "seed", "the same seed shows the same entries; absent: drawn", whole(&seed))
	return func(ctx context.Context, _ []string) error {
		count := int(n)
		p := api.GoldSampleParams{Count: &count}
		if fs.Changed("seed") {
			p.Seed = &seed
		}
		return c.withEngine(ctx, func(ctx context.Context, e *engine.Engine) error {
			r, err := e.GoldSample(ctx, p)
			if wrong := new(api.ParamError); errors.As(err, &wrong) && wrong.Param == "count" {
				return usagef("-n: expected %s, found %s", wrong.Expected, wrong.Found)
			}
			if err != nil {
				return err
			}
			return show(c, r, view.GoldSample)
		})
	}
}

// goldReview is a screen to look through the gold set and mend it; where there is
// no terminal it prints all of it.
func goldReview(ctx context.Context, c *console, _ []string) error {
	if c.interactive() && !c.json {
		return c.reviewScreen(ctx)
	}
	return c.withEngine(ctx, func(_ context.Context, e *engine.Engine) error {
		gold, err := e.GoldEntries()
		if err != nil {
			return err
		}
		out := make([]view.IndexedEntry, len(gold))
		for i, g := range gold {
			out[i] = view.IndexedEntry{Index: i, GoldEntry: g}
		}
		return show(c, out, view.GoldEntries)
	})
}

func (c *console) reviewScreen(ctx context.Context) error {
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
	return c.withEngine(ctx, func(ctx context.Context, e *engine.Engine) error {
		gold, err := goldSoFar(e)
		if err != nil {
			return err
		}
		o := annotateOptions(e)
		merged, err := decisions.Merge(ctx, o.Journal, args, gold, o.Save)
		if err != nil {
			return err
		}
		return show(c, merged, view.GoldMerged)
	})
}

func goldCheck(ctx context.Context, c *console, _ []string) error {
	return c.withEngine(ctx, func(_ context.Context, e *engine.Engine) error {
		found, err := e.CheckGold()
		if err != nil {
			return err
		}
		return show(c, found, view.GoldCheck)
	})
}
