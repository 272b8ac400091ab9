package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"qgen-sidecar/cmd/qgen-sidecar/view"
	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/internal/clip"
)

// page collects findings.
type page struct{ lines []view.Finding }

func (p *page) good(what, format string, args ...any) {
	p.lines = append(p.lines, view.Finding{What: what, OK: true, Detail: fmt.Sprintf(format, args...)})
}

func (p *page) bad(what string, err error) {
	p.lines = append(p.lines, view.Finding{What: what, Detail: clip.OneLine(err.Error())})
}

// check tries everything once. It ends with status 1 if something does not work.
func check(ctx context.Context, c *console, _ []string) error {
	p := &page{}
	if cfg, err := c.loadConfig(); err != nil {
		p.bad("config", err)
	} else {
		p.good("config", "%s", cmp.Or(cfg.Path, "no file; defaults"))
		c.checkAll(ctx, p, cfg)
	}
	if err := show(c, p.lines, view.Findings); err != nil {
		return err
	}
	if slices.ContainsFunc(p.lines, func(f view.Finding) bool { return !f.OK }) {
		return errSaid
	}
	return nil
}

func (c *console) checkAll(ctx context.Context, p *page, cfg *config.Config) {
	if cfg.Store != nil {
		cfg.Store.Lock = "now" // the lock is one of the things to be tried
	}
	e, err := c.newEngine(cfg)
	if err != nil {
		p.bad("engine", err)
		return
	}
	defer e.Close()
	sample := checkStore(ctx, p, e)
	checkEndpoints(ctx, p, e)
	checkPersonas(ctx, p, e, sample)
	checkFiles(ctx, p, e)
}

// checkStore takes the lock, lists collections and reads one chunk; it returns
// the chunk's text.
func checkStore(ctx context.Context, p *page, e *engine.Engine) string {
	s := e.Config().Store
	if s == nil {
		p.good("store", "none configured: fetch, saving and searching are off")
		return ""
	}
	info, err := e.Open(ctx)
	if err != nil {
		p.bad("store and lock", err)
		return ""
	}
	names := make([]string, len(info.Collections))
	for i, c := range info.Collections {
		names[i] = fmt.Sprintf("%s (%d)", c.Name, c.Points)
	}
	p.good("store and lock", "%s %s: %s", info.Mode, cmp.Or(s.Path, s.URL), strings.Join(names, ", "))
	for _, w := range info.Warnings {
		p.bad("store", errors.New(w))
	}
	one := 1
	r, err := e.Fetch(ctx, api.FetchParams{Count: &one})
	switch {
	case err != nil:
		p.bad("chunks", err)
		return ""
	case len(r.Chunks) == 0:
		p.bad("chunks", fmt.Errorf("collection %q: no point has a text in payload key %q (store.text_field)", r.Collection, s.TextField))
		return ""
	}
	text, _ := r.Chunks[0]["chunk_text"].(string)
	p.good("chunks", "collection %q, %d points; one reads: %s", r.Collection, r.Total, clip.Runes(clip.OneLine(text), 60))
	return text
}

// checkEndpoints asks every endpoint a question that any model can answer.
func checkEndpoints(ctx context.Context, p *page, e *engine.Engine) {
	cfg := e.Config()
	if len(cfg.Remote()) == 0 {
		p.bad("endpoints", errors.New("none configured: add an [[endpoint]] (a host's own LLM method counts only inside the sidecar)"))
	}
	for _, ep := range cfg.Remote() {
		what := "endpoint " + ep.Name
		role, model := roleFor(cfg, ep.Name)
		switch {
		case model == "":
			p.good(what, "no role uses it")
		case role == "embed":
			checkEmbedding(ctx, p, e, what, ep.Name, model)
		default:
			checkChat(ctx, p, e, what, ep.Name, role, model)
		}
	}
}

func checkChat(ctx context.Context, p *page, e *engine.Engine, what, endpoint, role, model string) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	begun := time.Now()
	r, err := e.Dispatcher().Chat(ctx, dispatcher.Request{Role: role, Model: model, Endpoints: []string{endpoint}, Fresh: true,
		Messages: []dispatcher.Message{{Role: "user", Content: "What is 2+2?"}}})
	if err != nil {
		p.bad(what, err)
		return
	}
	p.good(what, "%s (%s): \"What is 2+2?\" → %s, %.1f s", model, role, clip.Runes(clip.OneLine(r.Text), 60), time.Since(begun).Seconds())
}

func checkEmbedding(ctx context.Context, p *page, e *engine.Engine, what, endpoint, model string) {
	r, err := e.Dispatcher().Embed(ctx, dispatcher.EmbedRequest{Model: model, Endpoints: []string{endpoint}, Texts: []string{"What is 2+2?"}, Fresh: true})
	if err != nil {
		p.bad(what, err)
		return
	}
	p.good(what, "%s (embed): vectors of %d numbers", model, len(r.Vectors[0]))
}

// roleFor is the first role that the endpoint serves, and its model.
func roleFor(cfg *config.Config, endpoint string) (role, model string) {
	for _, name := range []string{"task", "teacher", "judge"} {
		if r, _ := cfg.Role(name); r.Model != "" && serves(r.Endpoints, endpoint) {
			return name, r.Model
		}
	}
	if em := cfg.LM.Embed; em != nil && serves(em.Endpoints, endpoint) {
		return "embed", em.Model
	}
	return "", ""
}

func serves(list []string, endpoint string) bool {
	return len(list) == 0 || slices.Contains(list, endpoint)
}

func checkPersonas(ctx context.Context, p *page, e *engine.Engine, sample string) {
	if sample == "" {
		sample = "What is 2+2?"
	}
	r, err := e.ChoosePersona(ctx, api.ChoosePersonaParams{ChunkText: sample})
	var noHost *api.CallbackError
	switch {
	case errors.As(err, &noHost):
		p.good("personas", "chosen by the host; the commands have none: name personas.collection or personas.path for them")
	case err != nil:
		p.bad("personas", err)
	case r.Source == "none":
		p.good("personas", "source none")
	case r.PersonaDescription == nil:
		p.good("personas", "source %s: none for that chunk", r.Source)
	default:
		p.good("personas", "source %s, for that chunk: %s", r.Source, clip.Runes(clip.OneLine(*r.PersonaDescription), 60))
	}
}

func checkFiles(ctx context.Context, p *page, e *engine.Engine) {
	f := e.Config().Files
	if missing(p, "raw_chunks", f.RawChunks) == nil {
		data, err := os.ReadFile(f.RawChunks)
		if err != nil {
			p.bad("raw_chunks", err)
		} else {
			p.good("raw_chunks", "%s: %d lines", f.RawChunks, bytes.Count(data, []byte("\n")))
		}
	}
	if missing(p, "gold", f.Gold) == nil {
		if gold, err := e.GoldEntries(); err != nil {
			p.bad("gold", err)
		} else {
			p.good("gold", "%s: %d entries", f.Gold, len(gold))
		}
	}
	if missing(p, "program", f.Program) == nil {
		if r, err := e.Prompts(ctx, api.PromptsParams{}); err != nil {
			p.bad("program", err)
		} else {
			p.good("program", "%s: %d predictors, %s", f.Program, len(r.Predictors), clip.Runes(clip.OneLine(r.ProgramHash), 12))
		}
	}
}

// missing says that a file is not there yet, which is no fault.
func missing(p *page, what, path string) error {
	_, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.good(what, "%s: not there yet", path)
	case err != nil:
		p.bad(what, err)
	}
	return err
}
