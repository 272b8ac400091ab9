package engine

import (
	"context"
	"errors"
	"os"

	"github.com/hashicorp/go-hclog"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/gate"
	"qgen-sidecar/engine/gold"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/persona"
	"qgen-sidecar/engine/programs"
	"qgen-sidecar/engine/store"
)

// Engine does the work of every method. Safe for concurrent use.
type Engine struct {
	cfg  *config.Config
	log  hclog.Logger
	host lm.Host
	disp *dispatcher.Dispatcher
	opts Options

	lm *lm.Models

	programs *programs.Cache
	persona  *persona.Chooser
	gold     *gold.Set
	gate     *gate.Keeper

	store *store.Store
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
	e := &Engine{cfg: cfg, log: o.Logger, host: o.Host, disp: d, opts: o}
	e.gold = gold.Open(cfg.Files.Gold)
	e.programs = programs.New(cfg, o.Logger)
	e.store = store.New(cfg, o.Logger, o.Version)
	e.lm = lm.New(cfg, o.Logger, o.Host, d)
	e.persona = persona.New(cfg, o.Host, o.NoHost, e.lm, e.store)
	e.gate = gate.New(cfg, e.lm, e.store)
	return e, nil
}

// dispatcherConfig resolves the names of environment variables; an unset one
// stays an empty key, which the dispatcher refuses at first use by its name.
func dispatcherConfig(cfg *config.Config, log hclog.Logger) dispatcher.Config {
	out := dispatcher.Config{CachePath: cfg.Cache.Path, CacheMaxMB: cfg.Cache.MaxMB, Hedge: cfg.Limits.Hedge,
		Listen: cfg.Dispatcher.Listen, Roles: doorRoles(cfg), Logger: log.Named("dispatcher")}
	for _, e := range cfg.Remote() {
		out.Endpoints = append(out.Endpoints, dispatcherEndpoint(e))
	}
	out.Host = dispatcherEndpoint(cfg.HostLimits())
	return out
}

func dispatcherEndpoint(e config.Endpoint) dispatcher.Endpoint {
	headers := make(map[string]string, len(e.HeadersEnv))
	for name, env := range e.HeadersEnv {
		headers[name] = os.Getenv(env)
	}
	return dispatcher.Endpoint{
		Name: e.Name, BaseURL: e.BaseURL, APIKey: os.Getenv(e.APIKeyEnv), APIKeyEnv: e.APIKeyEnv,
		RPM: e.RPM, TPM: e.TPM, MaxInFlight: e.MaxInFlight, Timeout: lm.Seconds(e.TimeoutS),
		Models: e.Models, Headers: headers, HeadersEnv: e.HeadersEnv, USDPerMTokIn: e.USDPerMTokIn, USDPerMTokOut: e.USDPerMTokOut,
	}
}

// doorRoles let the door's callers name a role in the place of its model.
func doorRoles(cfg *config.Config) map[string]dispatcher.Role {
	out := map[string]dispatcher.Role{}
	for _, name := range []string{"task", "teacher", "judge"} {
		role, _ := cfg.Role(name)
		out[name] = dispatcher.Role{Model: role.Model, Endpoints: role.Endpoints, MaxTokens: role.MaxTokens, Temperature: role.Temperature}
	}
	if m := cfg.LM.Embed; m != nil {
		out["embed"] = dispatcher.Role{Model: m.Model, Endpoints: m.Endpoints}
	}
	return out
}

// Dispatcher gives status and the door.
func (e *Engine) Dispatcher() *dispatcher.Dispatcher { return e.disp }

// Config is the effective config, paths absolute.
func (e *Engine) Config() *config.Config { return e.cfg }

// Close ends what is in flight, closes the store and the dispatcher. Idempotent.
func (e *Engine) Close() error {
	return errors.Join(e.disp.Close(), e.store.Close())
}

// LMComplete is one model call through the dispatcher, for the host's own use.
func (e *Engine) LMComplete(ctx context.Context, p api.LMCompleteParams) (*api.LMCompleteResult, error) {
	return e.lm.LMComplete(ctx, p)
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
