package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"qgen-sidecar/internal/clip"
	"qgen-sidecar/internal/loopback"
	"qgen-sidecar/internal/nearest"
)

// checker collects the first fault; later checks are skipped.
type checker struct{ err error }

func (c *checker) fail(key, format string, args ...any) {
	if c.err == nil {
		c.err = &Error{Key: key, Reason: fmt.Sprintf(format, args...)}
	}
}

func (c *checker) oneOf(key, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		c.fail(key, "expected one of %s, found %q", strings.Join(allowed, ", "), value)
	}
}

func (c *checker) atLeast(key string, value, low float64) {
	if value < low {
		c.fail(key, "expected at least %v, found %v", low, value)
	}
}

func (c *checker) within(key string, value, low, high float64) {
	if value < low || value > high {
		c.fail(key, "expected a number from %v to %v, found %v", low, high, value)
	}
}

func validate(cfg *Config) error {
	c := &checker{}
	if cfg.Store != nil {
		c.store(cfg.Store)
	}
	c.endpoints(cfg.Endpoints)
	c.roles(cfg)
	if s := cfg.Personas.Source; s != "" {
		c.oneOf("personas.source", s, "file", "collection", "host", "none")
	}
	if l := cfg.Dispatcher.Listen; l != "" {
		c.loopback("dispatcher.listen", l)
	}
	c.quality(cfg.Quality, cfg.Program.QueryTypes)
	c.atLeast("annotate.target", float64(cfg.Annotate.Target), 1)
	c.within("annotate.suggestions", float64(cfg.Annotate.Suggestions), 3, 5)
	c.atLeast("cache.max_mb", float64(cfg.Cache.MaxMB), 1)
	if cfg.Limits.HostCallbackS <= 0 {
		c.fail("limits.host_callback_s", "expected more than 0 seconds, found %v", cfg.Limits.HostCallbackS)
	}
	return c.err
}

func (c *checker) store(s *Store) {
	switch {
	case s.Path == "" && s.URL == "":
		c.fail("store", "expected exactly one of path and url, found neither")
	case s.Path != "" && s.URL != "":
		c.fail("store", "expected exactly one of path and url, found both")
	case s.URL != "":
		c.httpURL("store.url", s.URL)
	}
	if s.URL != "" && s.Share != "" {
		c.fail("store.share", "expected only with store.path, found with store.url: a server is shared already")
	}
	if s.Share != "" {
		c.loopback("store.share", s.Share)
	}
	c.oneOf("store.lock", s.Lock, "now", "lazy")
	c.oneOf("store.questions.id", s.Questions.ID, "uuid5", "random")
}

func (c *checker) endpoints(endpoints []Endpoint) {
	seen := map[string]int{}
	for i, e := range endpoints {
		at := fmt.Sprintf("endpoint[%d]", i)
		if e.Name == "" {
			c.fail(at+".name", "expected a name, found none")
		}
		if first, twice := seen[e.Name]; twice {
			c.fail(at+".name", "expected unique names, found %q at endpoint[%d] too", e.Name, first)
		}
		seen[e.Name] = i
		if e.Name == HostEndpoint {
			c.hostHasNoAddress(at, e)
		} else {
			c.httpURL(at+".base_url", e.BaseURL)
		}
		c.endpointRanges(at, e)
	}
}

// hostHasNoAddress: an entry of that name gives limits and prices to the host's
// own complete callback.
func (c *checker) hostHasNoAddress(at string, e Endpoint) {
	for key, set := range map[string]bool{"base_url": e.BaseURL != "", "api_key_env": e.APIKeyEnv != "",
		"models": len(e.Models) > 0, "headers_env": len(e.HeadersEnv) > 0} {
		if set {
			c.fail(at+"."+key, `expected none: the endpoint "host" is the host's own complete callback, which takes limits and prices`)
		}
	}
}

func (c *checker) endpointRanges(at string, e Endpoint) {
	c.atLeast(at+".rpm", float64(e.RPM), 0)
	c.atLeast(at+".tpm", float64(e.TPM), 0)
	c.atLeast(at+".max_in_flight", float64(e.MaxInFlight), 1)
	if e.TimeoutS <= 0 {
		c.fail(at+".timeout_s", "expected more than 0 seconds, found %v", e.TimeoutS)
	}
	for key, price := range map[string]*float64{"usd_per_mtok_in": e.USDPerMTokIn, "usd_per_mtok_out": e.USDPerMTokOut} {
		if price != nil {
			c.atLeast(at+"."+key, *price, 0)
		}
	}
}

// roles: names of endpoints must exist. "host" is left to the engine, which
// knows whether the host offers its complete callback.
func (c *checker) roles(cfg *Config) {
	known := []string{HostEndpoint}
	for _, e := range cfg.Endpoints {
		known = append(known, e.Name)
	}
	for _, r := range []struct {
		key  string
		role *Role
	}{{"lm.task", cfg.LM.Task}, {"lm.teacher", cfg.LM.Teacher}, {"lm.judge", cfg.LM.Judge}} {
		if r.role == nil {
			continue
		}
		c.endpointNames(r.key, r.role.Endpoints, known)
		c.within(r.key+".temperature", *r.role.Temperature, 0, 2)
		c.atLeast(r.key+".max_tokens", float64(r.role.MaxTokens), 1)
		c.oneOf(r.key+".layout", r.role.Layout, "auto", "markers", "json")
		if r.role.Instructions != "" && r.key != "lm.judge" {
			c.fail(r.key+".instructions", "expected only in lm.judge; the program's own are program.analyzer_instructions and program.generator_instructions")
		}
	}
	if e := cfg.LM.Embed; e != nil {
		c.endpointNames("lm.embed", e.Endpoints, known[1:])
		if e.Model == "" {
			c.fail("lm.embed.model", "expected a model's name, found none")
		}
	}
}

func (c *checker) endpointNames(key string, names, known []string) {
	for i, name := range names {
		if slices.Contains(known, name) {
			continue
		}
		hint := "no [[endpoint]] has that name"
		if near := nearest.Of(name, known); near != "" {
			hint += "; did you mean " + near + "?"
		}
		c.fail(fmt.Sprintf("%s.endpoints[%d]", key, i), "expected the name of an endpoint, found %q: %s", name, hint)
	}
}

func (c *checker) quality(q Quality, types []string) {
	sum := 0.0
	for _, kind := range sortedKeys(q.TypeMix) {
		c.atLeast("quality.type_mix."+kind, q.TypeMix[kind], 0)
		if len(types) > 0 && !slices.Contains(types, kind) {
			c.fail("quality.type_mix."+kind, "expected one of program.query_types (%s), found %q", strings.Join(types, ", "), kind)
		}
		sum += q.TypeMix[kind]
	}
	if len(q.TypeMix) > 0 && sum <= 0 {
		c.fail("quality.type_mix", "expected shares of which at least one is more than 0, found none")
	}
	c.within("quality.round_trip_k", float64(q.RoundTripK), 1, 1000)
	c.within("quality.leak_overlap", q.LeakOverlap, 0, 1)
	c.within("quality.duplicate_cosine", q.DuplicateCosine, 0, 1)
	c.within("quality.twin_cosine", q.TwinCosine, 0, 1)
}

// httpURL never repeats the URL when it carries a password.
func (c *checker) httpURL(key, raw string) {
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		c.fail(key, "expected an http:// or https:// address, found none")
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		c.fail(key, "expected an http:// or https:// address, found %q", redact(raw))
	case u.User != nil:
		c.fail(key, "expected an address without user or password, found one with; name the key's environment variable in api_key_env instead")
	}
}

// redact hides what stands before an @: it may be a password.
func redact(raw string) string {
	if i := strings.LastIndexByte(raw, '@'); i >= 0 {
		return "…" + raw[i:]
	}
	return clip.Runes(raw, 60)
}

func (c *checker) loopback(key, address string) {
	if _, err := loopback.Resolve(address); err != nil {
		c.fail(key, "%v", err)
	}
}
