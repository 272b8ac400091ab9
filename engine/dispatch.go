package engine

import (
	"os"

	"github.com/hashicorp/go-hclog"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/lm"
)

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
