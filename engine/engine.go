package engine

import (
	"context"
	"errors"

	"github.com/hashicorp/go-hclog"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/check"
	"qgen-sidecar/engine/compile"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/decisions"
	"qgen-sidecar/engine/evaluate"
	"qgen-sidecar/engine/fetch"
	"qgen-sidecar/engine/gate"
	"qgen-sidecar/engine/generate"
	"qgen-sidecar/engine/gold"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/outputs"
	"qgen-sidecar/engine/persona"
	"qgen-sidecar/engine/programs"
	"qgen-sidecar/engine/runfile"
	"qgen-sidecar/engine/store"
	"qgen-sidecar/engine/suggest"
	"qgen-sidecar/engine/why"
)

// Engine does the work of every method. Safe for concurrent use.
type Engine struct {
	cfg  *config.Config
	disp *dispatcher.Dispatcher

	lm       *lm.Models
	store    *store.Store
	programs *programs.Cache
	persona  *persona.Chooser
	gold     *gold.Set
	scores   *gold.Scores
	outputs  *outputs.Guard

	fetch    *fetch.Fetcher
	suggest  *suggest.Suggester
	compile  *compile.Compiler
	evaluate *evaluate.Evaluator
	generate *generate.Generator
	check    *check.Checker
	why      *why.Explainer
}

// Options of New. Version is written into run files; "" leaves it out.
type Options struct {
	Logger  hclog.Logger
	Host    lm.Host
	NoHost  bool // a command for people: there is nobody to call back
	Version string
}

// New builds the dispatcher and loads nothing else. Open opens the store.
func New(cfg *config.Config, o Options) (*Engine, error) {
	if o.Logger == nil {
		o.Logger = hclog.NewNullLogger()
	}
	d, err := dispatcher.New(dispatcherConfig(cfg, o.Logger))
	if err != nil {
		return nil, err
	}
	e := &Engine{cfg: cfg, disp: d}
	e.lm = lm.New(cfg, o.Logger, o.Host, d)
	e.store = store.New(cfg, o.Logger, o.Version)
	e.programs = programs.New(cfg, o.Logger)
	e.persona = persona.New(cfg, o.NoHost, e.lm, e.store)
	e.gold = gold.Open(cfg.Files.Gold)
	e.scores = gold.OpenScores(gold.ScoresPath(cfg.Files.Gold), o.Logger)
	e.outputs = outputs.New(cfg, purposes(cfg)...)
	e.verbs(o)
	return e, nil
}

// verbs gives each verb the rooms that it stands on.
func (e *Engine) verbs(o Options) {
	e.fetch = &fetch.Fetcher{Models: e.lm, Store: e.store, Outputs: e.outputs}
	e.suggest = &suggest.Suggester{Config: e.cfg, Log: o.Logger, Models: e.lm, Store: e.store, Programs: e.programs, Personas: e.persona, Gold: e.gold}
	e.compile = &compile.Compiler{Config: e.cfg, Version: o.Version, Models: e.lm, Programs: e.programs, Gold: e.gold, Scores: e.scores,
		Outputs: e.outputs}
	e.evaluate = &evaluate.Evaluator{Config: e.cfg, Version: o.Version, Models: e.lm, Programs: e.programs, Gold: e.gold, Scores: e.scores,
		Outputs: e.outputs}
	e.generate = &generate.Generator{Config: e.cfg, Models: e.lm, Store: e.store, Programs: e.programs, Personas: e.persona,
		Gates: gate.New(e.cfg, e.lm, e.store), Outputs: e.outputs}
	e.check = &check.Checker{Config: e.cfg, Version: o.Version, Models: e.lm, Store: e.store, Outputs: e.outputs}
	e.why = &why.Explainer{Store: e.store, Programs: e.programs}
}

// purposes are what the files of a config serve for, and which kind of file may be
// written there.
func purposes(cfg *config.Config) []outputs.Purpose {
	own := cfg.Files
	return []outputs.Purpose{
		{Path: own.Gold, What: "the gold set (files.gold)"},
		{Path: own.Gold + ".lock", What: "the gold set's lock"},
		{Path: decisions.Beside(own.Gold), What: "the journal of annotate"},
		{Path: gold.ScoresPath(own.Gold), What: "the judge's scores by people"},
		{Path: own.RawChunks, What: "the sample of chunks (files.raw_chunks)", Kind: fetch.KindName},
		{Path: own.Program, What: "the program (files.program)", Kind: compile.ProgramKind},
		{Path: runfile.Path(own.Program), What: "the program's run file", Kind: compile.RunKind},
		{Path: runfile.PendingPath(own.Program), What: "the program's run file", Kind: compile.RunKind},
		{Path: cfg.Personas.Path, What: "the personas (personas.path)"},
		{Path: cfg.Path, What: "the config"},
	}
}

// Dispatcher gives status and the door.
func (e *Engine) Dispatcher() *dispatcher.Dispatcher { return e.disp }

// Config is the effective config, paths absolute.
func (e *Engine) Config() *config.Config { return e.cfg }

// Close ends what is in flight, closes the store and the dispatcher. Idempotent.
func (e *Engine) Close() error {
	return errors.Join(e.disp.Close(), e.store.Close())
}

// Host is the application's side, as [lm.Host] has it.
type Host = lm.Host

// Open opens the store (nil StoreInfo without one). With store.lock = "lazy"
// it opens nothing and the first call that needs the store does.
func (e *Engine) Open(ctx context.Context) (*api.StoreInfo, error) { return e.store.Open(ctx) }

// StoreInfo is the store's state for status; nil without one or before it is
// open. With an error it says as much as is known without the store's answer.
func (e *Engine) StoreInfo(ctx context.Context) (*api.StoreInfo, error) {
	return e.store.StoreInfo(ctx)
}
