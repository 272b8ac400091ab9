package rpc

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/sourcegraph/jsonrpc2"

	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/internal/jsonscan"
	"qgen-sidecar/rpc/wire"
)

// initialize runs at most once at a time; a failed one may be tried again.
func (s *session) initialize(c *call, raw []byte) (any, error) {
	if !c.starts {
		if err := s.state.gateAgain(c.ctx); err != nil {
			return nil, err
		}
		c.starts = true
	}
	svc, result, err := s.start(c, raw)
	// Those who wait are let in when the answer is on its way: it must be the
	// first that the host hears.
	c.after = func() { s.state.settle(svc) }
	return result, err
}

// start loads the config, builds the Service and opens it.
func (s *session) start(c *call, raw []byte) (Service, any, error) {
	var p api.InitializeParams
	if err := checkVersion(raw); err != nil {
		return nil, nil, err
	}
	if err := api.DecodeParams(raw, &p); err != nil {
		return nil, nil, err
	}
	cfg, err := s.loadConfig(p)
	if err != nil {
		return nil, nil, err
	}
	svc, err := s.NewService(cfg, engine.Options{Logger: s.Logger, Host: hostFor(p.Capabilities, s.callHost), Version: s.Version})
	if err != nil {
		return nil, nil, err
	}
	store, err := svc.Open(c.ctx)
	if err != nil {
		_ = svc.Close()
		return nil, nil, err
	}
	return svc, s.greeting(svc, store), nil
}

// checkVersion comes before anything else: a host of another protocol version
// may have other parameters too.
func checkVersion(raw []byte) error {
	found := "nothing"
	if len(raw) > 0 && raw[0] == '{' {
		jsonscan.Members(raw, func(key string, value []byte) {
			if key == "protocol_version" {
				found = api.Brief(value)
			}
		})
	}
	if found == `"`+api.ProtocolVersion+`"` {
		return nil
	}
	body, err := encode(VersionData{"protocol_version", []string{api.ProtocolVersion}})
	if err != nil {
		return err
	}
	data := json.RawMessage(body)
	return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: fmt.Sprintf("parameter protocol_version: expected %q, found %s", api.ProtocolVersion, found), Data: &data}
}

func (s *session) loadConfig(p api.InitializeParams) (*config.Config, error) {
	path := s.ConfigPath
	if path == "" {
		path = p.ConfigPath
	}
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	overlay := p.Config
	if string(overlay) == "null" {
		overlay = nil
	}
	return config.Load(path, overlay, dir)
}

func (s *session) greeting(svc Service, store *api.StoreInfo) api.InitializeResult {
	r := api.InitializeResult{
		ProtocolVersion: api.ProtocolVersion,
		ServerInfo:      api.ServerInfo{Name: "qgen-sidecar", Version: s.Version},
		Capabilities:    api.ServerOffers{Methods: api.MethodNames()},
		Limits:          api.ServerLimits{MaxInFlight: s.MaxInFlight, MaxMessageBytes: wire.MaxMessage},
		Files:           svc.Config().Files,
		Store:           store,
	}
	if d := svc.Dispatcher(); d != nil {
		r.Dispatcher = d.Door()
	}
	return r
}
