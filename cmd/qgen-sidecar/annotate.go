package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"qgen-sidecar/engine"
	"qgen-sidecar/engine/annotate"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/decisions"
	"qgen-sidecar/engine/files"
)

func runAnnotate(c *console, fs *pflag.FlagSet) action {
	var chunks string
	target, count := int64(0), int64(50)
	define(fs, "chunks", "JSON Lines of chunks, as fetch writes them; absent: files.raw_chunks", text("FILE", &chunks))
	define(fs, "target", "gold questions wanted; absent: annotate.target", whole(&target))
	judge := fs.Bool("judge", false, "score outputs blind instead, so that evaluate can say how far the judge agrees with you")
	define(fs, "count", "outputs to score, with --judge; default 50", whole(&count))
	return func(ctx context.Context, _ []string) error {
		switch {
		case target < 0 || fs.Changed("target") && target == 0:
			return usagef("--target: expected a whole number of at least 1, found %d", target)
		case count < 1:
			return usagef("--count: expected a whole number of at least 1, found %d", count)
		case *judge:
			return c.withEngine(ctx, func(ctx context.Context, e *engine.Engine) error { return c.scoreBlind(ctx, e, int(count)) })
		}
		return c.pickQuestions(ctx, chunks, int(target))
	}
}

// pickQuestions is annotate's screen over the chunks of a file; "" and 0 stand for the
// config's file and target.
func (c *console) pickQuestions(ctx context.Context, path string, target int) error {
	return c.withEngine(ctx, func(ctx context.Context, e *engine.Engine) (err error) {
		o := annotateOptions(e)
		o.Notice = e.StoreNotice(ctx)
		if target > 0 {
			o.Target = target
		}
		if path == "" {
			path = e.Config().Files.RawChunks
		}
		if o.Chunks, err = readChunks(path); err != nil {
			return err
		}
		if o.Gold, err = goldSoFar(e); err != nil {
			return err
		}
		o.In, o.Out, o.IsTerminal = c.stdin, c.stdout, c.interactive()
		// The tool has a progress line of its own; the bar would be drawn into its screen.
		return annotate.Run(api.WithProgress(ctx, func(api.Progress) {}), o)
	})
}

// annotateOptions are the engine's methods in the tool's words.
func annotateOptions(e *engine.Engine) annotate.Options {
	cfg := e.Config()
	_, noColor := os.LookupEnv("NO_COLOR")
	return annotate.Options{
		Suggest: func(ctx context.Context, c annotate.Chunk, w annotate.Wish) (annotate.Suggestions, error) {
			return suggest(ctx, e, c, w)
		},
		Personas: func(ctx context.Context, c annotate.Chunk) ([]annotate.Persona, error) {
			list, err := e.Personas(ctx, api.ChoosePersonaParams{ChunkText: c.Text, ChunkID: api.NewChunkID(c.ID)})
			out := make([]annotate.Persona, len(list))
			for i, p := range list {
				out[i] = annotate.Persona{Name: p.Name, Description: *p.PersonaDescription, Match: p.Score}
			}
			return out, err
		},
		Save: func(ctx context.Context, d decisions.Record) (int, error) {
			r, err := e.GoldAdd(ctx, api.GoldAddParams{ChunkText: d.ChunkText, ChunkID: api.NewChunkID(d.ChunkID), PersonaDescription: d.Persona,
				GoldQuestion: d.Question, QueryType: d.QueryType, QueryFormat: d.QueryFormat})
			return countOf(r, err)
		},
		Remove: func(ctx context.Context, d decisions.Record) (int, error) {
			r, err := e.GoldRemove(ctx, api.GoldRemoveParams{ChunkText: d.ChunkText, GoldQuestion: d.Question})
			return countOf(r, err)
		},
		Types: cfg.Program.QueryTypes, Formats: cfg.Program.QueryFormats,
		Target:  cfg.Annotate.Target,
		Journal: decisions.Beside(cfg.Files.Gold),
		NoColor: noColor,
		Editor:  os.Getenv("EDITOR"),
	}
}

func countOf(r *api.GoldAddResult, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	return r.Count, nil
}

// suggest chooses a persona, unless one is wished for, and has suggestions made for it.
func suggest(ctx context.Context, e *engine.Engine, c annotate.Chunk, w annotate.Wish) (annotate.Suggestions, error) {
	id := api.NewChunkID(c.ID)
	out := annotate.Suggestions{Model: e.Config().TaskRole().Model}
	persona := w.Persona
	if persona == nil {
		chosen, err := e.ChoosePersona(ctx, api.ChoosePersonaParams{ChunkText: c.Text, ChunkID: id})
		if err != nil {
			return out, err
		}
		persona, out.Name = chosen.PersonaDescription, chosen.Name
		if chosen.Score != nil && *chosen.Score != 0 {
			out.Match = chosen.Score
		}
	}
	r, err := e.SuggestSome(ctx, api.AnnotateSuggestParams{ChunkText: c.Text, ChunkID: id, PersonaDescription: persona, Avoid: w.Avoid, Like: w.Like})
	if err != nil {
		return out, err
	}
	out.Persona = r.PersonaDescription
	if r.Usage.USD != nil {
		out.USD = *r.Usage.USD
	}
	for _, s := range r.Suggestions {
		out.Items = append(out.Items, decisions.Suggestion{Question: s.Question, QueryType: s.QueryType, QueryFormat: s.QueryFormat, Warnings: s.Warnings})
	}
	return out, nil
}

// readChunks reads the lines that `fetch` wrote.
func readChunks(path string) ([]annotate.Chunk, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, &api.FileError{Path: path, Reason: "there are no chunks yet; run qgen-sidecar fetch --output " + filepath.Base(path) + " first"}
	}
	var out []annotate.Chunk
	err := files.ReadLines(path, func(line []byte) error {
		var raw struct {
			ID     api.ChunkID `json:"chunk_id"`
			Text   string      `json:"chunk_text"`
			Source any         `json:"source"`
			Title  any         `json:"title"`
		}
		if err := json.Unmarshal(line, &raw); err != nil || raw.Text == "" {
			return errors.New(`expected {"chunk_id": …, "chunk_text": "…"}, found something else`)
		}
		out = append(out, annotate.Chunk{ID: raw.ID.Value(), Text: raw.Text, Source: firstText(raw.Source, raw.Title)})
		return nil
	})
	return out, err
}

// goldSoFar is the gold set at the start; a missing file is an empty one.
func goldSoFar(e *engine.Engine) ([]decisions.GoldEntry, error) {
	if _, err := os.Stat(e.Config().Files.Gold); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	gold, err := e.GoldEntries()
	out := make([]decisions.GoldEntry, len(gold))
	for i, g := range gold {
		out[i] = decisions.GoldEntry{ChunkText: g.ChunkText, Question: g.GoldQuestion}
	}
	return out, err
}

// firstText is the first of the values that is a text; fields of a payload may be
// anything.
func firstText(values ...any) string {
	for _, v := range values {
		if text, ok := v.(string); ok && text != "" {
			return text
		}
	}
	return ""
}
