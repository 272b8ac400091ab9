package rpc

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/sourcegraph/jsonrpc2"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/internal/jsonvalue"
	"qgen-sidecar/rpc/wire"
)

// ProtocolVersion is the one version that is spoken.
const ProtocolVersion = "1.0"

type initializeParams struct {
	ProtocolVersion string          `json:"protocol_version" doc:"\"1.0\""`
	ClientInfo      *clientInfo     `json:"client_info,omitempty"`
	Capabilities    hostOffers      `json:"capabilities,omitzero" doc:"the callbacks that the host offers"`
	Config          json.RawMessage `json:"config,omitempty" doc:"the config's shape as JSON; wins key by key over the file"`
	ConfigPath      string          `json:"config_path,omitempty" doc:"used when --config was not given"`
}

type clientInfo struct {
	Name    string `json:"name,omitempty"`
	Version string `json:"version,omitempty"`
}

type hostOffers struct {
	ChoosePersona offer `json:"choose_persona,omitzero"`
	Score         offer `json:"score,omitzero"`
	Complete      offer `json:"complete,omitzero"`
	Embed         offer `json:"embed,omitzero"`
}

// offer is true, false, null or an object; embed's object tells the model.
type offer struct {
	Offered   bool
	Model     string
	Dimension int
}

func (o *offer) UnmarshalJSON(b []byte) error {
	switch jsonvalue.Kind(b) {
	case "a boolean":
		return json.Unmarshal(b, &o.Offered)
	case "null":
		return nil
	case "an object":
		var details struct {
			Model     string `json:"model,omitempty"`
			Dimension int    `json:"dimension,omitempty"`
		}
		o.Offered = true
		if err := decodeParams(b, &details); err != nil {
			return err
		}
		o.Model, o.Dimension = details.Model, details.Dimension
		return nil
	}
	return fmt.Errorf("expected true or an object")
}

type initializeResult struct {
	ProtocolVersion string           `json:"protocol_version"`
	ServerInfo      clientInfo       `json:"server_info"`
	Capabilities    serverOffers     `json:"capabilities"`
	Limits          serverLimits     `json:"limits"`
	Files           config.Files     `json:"files" doc:"absolute paths"`
	Store           *api.StoreInfo   `json:"store"`
	Dispatcher      *dispatcher.Door `json:"dispatcher,omitempty"`
}

type serverOffers struct {
	Methods []string `json:"methods"`
}

type serverLimits struct {
	MaxInFlight     int `json:"max_in_flight"`
	MaxMessageBytes int `json:"max_message_bytes"`
}

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
	var p initializeParams
	if err := checkVersion(raw); err != nil {
		return nil, nil, err
	}
	if err := decodeParams(raw, &p); err != nil {
		return nil, nil, err
	}
	cfg, err := s.loadConfig(p)
	if err != nil {
		return nil, nil, err
	}
	svc, err := s.NewService(cfg, engine.Options{Logger: s.Logger, Host: s.hostFor(p.Capabilities), Version: s.Version})
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
		wire.Members(raw, func(key string, value []byte) {
			if key == "protocol_version" {
				found = brief(value)
			}
		})
	}
	if found == `"`+ProtocolVersion+`"` {
		return nil
	}
	data := json.RawMessage(`{"param":"protocol_version","supported":["` + ProtocolVersion + `"]}`)
	return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: fmt.Sprintf("parameter protocol_version: expected %q, found %s", ProtocolVersion, found), Data: &data}
}

func (s *session) loadConfig(p initializeParams) (*config.Config, error) {
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

func (s *session) greeting(svc Service, store *api.StoreInfo) initializeResult {
	r := initializeResult{
		ProtocolVersion: ProtocolVersion,
		ServerInfo:      clientInfo{Name: "qgen-sidecar", Version: s.Version},
		Capabilities:    serverOffers{Methods: methodNames()},
		Limits:          serverLimits{MaxInFlight: s.MaxInFlight, MaxMessageBytes: wire.MaxMessage},
		Files:           svc.Config().Files,
		Store:           store,
	}
	if d := svc.Dispatcher(); d != nil {
		r.Dispatcher = d.Door()
	}
	return r
}
