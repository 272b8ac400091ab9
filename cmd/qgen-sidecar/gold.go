package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"qgen-sidecar/engine"
	"qgen-sidecar/engine/quality"
)

func goldShow(ctx context.Context, m *Main, args []string) error {
	fs := m.flagSet("gold show")
	n := fs.Int("n", 5, "how many")
	var seed *int64
	fs.Func("seed", "the same seed shows the same entries", func(s string) (err error) {
		seed = new(int64)
		_, err = fmt.Sscan(s, seed)
		return err
	})
	rest, err := m.parseMixed(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("gold show takes flags only, found %q", rest[0])
	}
	return m.withEngine(ctx, func(ctx context.Context, e *engine.Engine) error {
		r, err := e.GoldSample(ctx, engine.GoldSampleParams{Count: n, Seed: seed})
		if err != nil {
			return err
		}
		return m.print(r)
	})
}

func goldReview(ctx context.Context, m *Main, args []string) error {
	return m.withGold(ctx, "gold review", args, func(gold []engine.GoldEntry) error {
		type entry struct {
			Index int `json:"index"`
			engine.GoldEntry
		}
		out := make([]entry, len(gold))
		for i, g := range gold {
			out[i] = entry{i, g}
		}
		return m.print(out)
	})
}

// withGold runs fn with the whole gold set of a command without arguments.
func (m *Main) withGold(ctx context.Context, name string, args []string, fn func([]engine.GoldEntry) error) error {
	if err := m.noArguments(name, args); err != nil {
		return err
	}
	return m.withEngine(ctx, func(_ context.Context, e *engine.Engine) error {
		gold, err := e.GoldEntries()
		if err != nil {
			return err
		}
		return fn(gold)
	})
}

// goldReport is what `gold check` prints.
type goldReport struct {
	N             int            `json:"n"`
	Duplicates    int            `json:"duplicates"`
	Leaks         int            `json:"leaks"`
	NotStandalone int            `json:"not_standalone"`
	NoPersona     int            `json:"without_persona"`
	Languages     map[string]int `json:"languages"`
	QueryTypes    map[string]int `json:"query_types"`
	Flagged       []goldFlag     `json:"flagged"`
}

type goldFlag struct {
	Index    int      `json:"index"`
	Question string   `json:"gold_question"`
	Reasons  []string `json:"reasons"`
}

func goldCheck(ctx context.Context, m *Main, args []string) error {
	return m.withGold(ctx, "gold check", args, func(gold []engine.GoldEntry) error {
		return m.print(checkGold(gold))
	})
}

// checkGold looks for what makes a bad example; nothing is changed, and
// nothing of it stops a compile.
func checkGold(gold []engine.GoldEntry) goldReport {
	r := goldReport{N: len(gold), Languages: map[string]int{}, QueryTypes: map[string]int{}, Flagged: []goldFlag{}}
	repeats := duplicatesOf(gold)
	for i, g := range gold {
		var reasons []string
		flag := func(count *int, reason string) {
			*count++
			reasons = append(reasons, reason)
		}
		if d, ok := repeats[i]; ok {
			flag(&r.Duplicates, fmt.Sprintf("repeats entry %d (similarity %.2f)", d.Of, d.Similarity))
		}
		if share := quality.Leak(g.GoldQuestion, g.ChunkText); share >= quality.LeakThreshold {
			flag(&r.Leaks, fmt.Sprintf("%.0f%% of its wording is copied from the chunk", share*100))
		}
		if why := quality.Standalone(g.GoldQuestion); len(why) > 0 {
			flag(&r.NotStandalone, strings.Join(why, "; "))
		}
		if strings.TrimSpace(g.PersonaDescription) == "" {
			flag(&r.NoPersona, "no persona")
		}
		r.Languages[quality.Language(g.GoldQuestion)]++
		r.QueryTypes[cmp.Or(g.QueryType, "–")]++
		if len(reasons) > 0 {
			r.Flagged = append(r.Flagged, goldFlag{i, g.GoldQuestion, reasons})
		}
	}
	return r
}

func duplicatesOf(gold []engine.GoldEntry) map[int]quality.Duplicate {
	questions := make([]string, len(gold))
	for i, g := range gold {
		questions[i] = g.GoldQuestion
	}
	out := map[int]quality.Duplicate{}
	for _, d := range quality.Duplicates(questions) {
		out[d.Index] = d
	}
	return out
}
