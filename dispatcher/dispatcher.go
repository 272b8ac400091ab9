package dispatcher

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
)

// Dispatcher sends model calls to endpoints. Safe for concurrent use.
type Dispatcher struct {
	scheduler *scheduler
	cache     *cache // nil: off
	memory    memory
	secret    *secrets
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
	d := &Dispatcher{cache: store, secret: newSecrets(cfg.Endpoints), log: cfg.Logger, hedge: cfg.Hedge, host: cfg.Host}
	d.life, d.end = context.WithCancelCause(context.Background())
	d.chats.life, d.embeds.life = d.life, d.life
	d.memory = newMemory(cfg.CachePath, d.secret)
	d.scheduler = newScheduler(d.open(cfg.Endpoints))
	d.scheduler.onFinding = func() { time.AfterFunc(rememberEvery, d.remember) }
	if cfg.Listen != "" {
		if d.door, err = openDoor(d, cfg.Listen, cfg.Roles); err != nil {
			d.Close()
			return nil, err
		}
	}
	return d, nil
}

// open makes the endpoints; one whose key is unset is born dead.
func (d *Dispatcher) open(configs []Endpoint) []*endpoint {
	found, err := d.memory.load()
	if err != nil {
		d.log.Warn(err.Error())
	}
	var out []*endpoint
	for _, config := range configs {
		e := newEndpoint(config)
		e.address = strings.TrimRight(config.BaseURL, "/")
		e.backend = newClient(e.config, d.secret)
		if e.dead = unsetKey(config); e.dead != "" {
			d.log.Warn("endpoint is dead", "endpoint", config.Name, "reason", e.dead)
		}
		d.memory.recall(e, found)
		out = append(out, e)
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
	stop := context.AfterFunc(d.life, func() { cancel(errClosed) })
	return ctx, func() { stop(); cancel(nil) }
}

// Close waits for nothing: it cancels what is in flight, keeps what was found
// and closes the cache.
func (d *Dispatcher) Close() error {
	d.end(errClosed)
	d.scheduler.close()
	d.remember()
	if d.door != nil {
		d.door.close()
	}
	for _, e := range d.scheduler.snapshot() {
		if c, ok := e.backend.(*client); ok {
			c.close()
		}
	}
	d.cache.close()
	return nil
}
