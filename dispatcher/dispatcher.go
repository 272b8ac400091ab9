package dispatcher

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"qgen-sidecar/dispatcher/limits"
	"qgen-sidecar/dispatcher/schedule"
	"qgen-sidecar/dispatcher/upstream"
)

// Dispatcher sends model calls to endpoints. Safe for concurrent use.
type Dispatcher struct {
	scheduler *schedule.Scheduler
	cache     *cache // nil: off
	memory    limits.Memory
	secret    *upstream.Secrets
	log       hclog.Logger
	hedge     bool
	door      *door // nil: none
	host      Endpoint

	chats  flights[Reply]
	embeds flights[EmbedReply]
	calls  atomic.Uint64 // numbers calls for hosts and logs

	life context.Context // ends with Close
	end  context.CancelCauseFunc
}

// New checks the endpoints and opens the cache. It calls no endpoint; unset
// keys are errors at first use.
func New(cfg Config) (*Dispatcher, error) {
	if cfg.Logger == nil {
		cfg.Logger = hclog.NewNullLogger()
	}
	if err := check(cfg.Endpoints); err != nil {
		return nil, err
	}
	store, err := openCache(cfg.CachePath, cfg.CacheMaxMB, cfg.Logger)
	if err != nil {
		return nil, err
	}
	d := &Dispatcher{cache: store, secret: secretsOf(cfg.Endpoints), log: cfg.Logger, hedge: cfg.Hedge, host: cfg.Host}
	d.life, d.end = context.WithCancelCause(context.Background())
	d.memory = limits.NewMemory(cfg.CachePath)
	d.scheduler = schedule.New(d.open(cfg.Endpoints), func() { time.AfterFunc(rememberEvery, d.remember) })
	d.chats.life, d.embeds.life = d.life, d.life
	d.chats.hurry = d.scheduler.Hurry
	if cfg.Listen != "" {
		if d.door, err = openDoor(d.life, d, cfg.Listen, cfg.Roles); err != nil {
			d.Close()
			return nil, err
		}
	}
	return d, nil
}

func secretsOf(endpoints []Endpoint) *upstream.Secrets {
	all := make([]upstream.Config, len(endpoints))
	for i, e := range endpoints {
		all[i] = reached(e)
	}
	return upstream.NewSecrets(all)
}

// open makes the endpoints; one whose key is unset is born dead.
func (d *Dispatcher) open(configs []Endpoint) []*schedule.Endpoint {
	found, err := d.memory.Load()
	if err != nil {
		d.log.Warn(err.Error())
	}
	var out []*schedule.Endpoint
	for _, config := range configs {
		dead := unsetKey(config)
		if dead != "" {
			d.log.Warn("endpoint is dead", "endpoint", config.Name, "reason", dead)
		}
		out = append(out, newRemote(config, d.secret).scheduled(d.secret, found, dead))
	}
	return out
}

func unsetKey(config Endpoint) string {
	if config.APIKeyEnv != "" && config.APIKey == "" {
		return fmt.Sprintf("the environment variable %s is not set: set it to the key, or remove api_key_env if no key is needed", config.APIKeyEnv)
	}
	for _, header := range slices.Sorted(maps.Keys(config.HeadersEnv)) {
		if config.Headers[header] == "" {
			return fmt.Sprintf("the environment variable %s is not set: set it to the value of the header %s, or remove that from headers_env", config.HeadersEnv[header], header)
		}
	}
	return ""
}

func check(endpoints []Endpoint) error {
	seen := map[string]bool{}
	for i, e := range endpoints {
		at := fmt.Sprintf("endpoint %d (%q)", i+1, e.Name)
		u, err := url.Parse(e.BaseURL)
		switch {
		case e.Name == "" || e.Name == HostName:
			return fmt.Errorf("%s: name must be set, and not be %q, which is the host's own function", at, HostName)
		case seen[e.Name]:
			return fmt.Errorf("%s: the name is used twice; names must differ", at)
		case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
			return fmt.Errorf("%s: base_url must be an address such as https://api.openai.com/v1", at)
		case e.RPM < 0 || e.TPM < 0 || e.MaxInFlight < 0 || e.Timeout < 0:
			return fmt.Errorf("%s: rpm, tpm, max_in_flight and timeout_s must not be negative", at)
		}
		seen[e.Name] = true
	}
	return nil
}

// whileAlive ends ctx with the dispatcher.
func (d *Dispatcher) whileAlive(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(d.life, func() { cancel(schedule.ErrClosed) })
	return ctx, func() { stop(); cancel(nil) }
}

// Door is nil unless Config.Listen was set.
func (d *Dispatcher) Door() *Door {
	if d.door == nil {
		return nil
	}
	return d.door.address()
}

// modelNames are those that the endpoints' configs give.
func (d *Dispatcher) modelNames() (names []string) {
	for _, e := range d.scheduler.Endpoints() {
		names = slices.AppendSeq(names, maps.Keys(e.Value.(*endpoint).config.Models))
	}
	return names
}

// rememberEvery bounds how often findings are written, and so what kill -9
// loses of them.
const rememberEvery = 10 * time.Second

// remember writes what was found about limits since the last time.
func (d *Dispatcher) remember() {
	if err := d.memory.Save(d.scheduler.Findings()); err != nil {
		d.log.Warn("limits that were found could not be kept", "error", err)
	}
}

// Close waits for nothing: it cancels what is in flight, keeps what was found
// and closes the cache.
func (d *Dispatcher) Close() error {
	d.end(schedule.ErrClosed)
	d.scheduler.Close()
	d.remember()
	if d.door != nil {
		d.door.close()
	}
	for _, e := range d.scheduler.Endpoints() {
		if api, ok := e.Value.(*endpoint).backend.(remote); ok {
			api.Close()
		}
	}
	d.cache.close()
	return nil
}
