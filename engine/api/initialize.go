package api

import (
	"encoding/json"
	"errors"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/internal/jsonvalue"
)

// ProtocolVersion is the one version that is spoken.
const ProtocolVersion = "1.0"

// InitializeParams is what a host says of itself.
type InitializeParams struct {
	ProtocolVersion string          `json:"protocol_version" doc:"\"1.0\""`
	ClientInfo      *PeerInfo       `json:"client_info,omitempty"`
	Capabilities    HostOffers      `json:"capabilities,omitzero" doc:"the callbacks that the host offers"`
	Config          json.RawMessage `json:"config,omitempty" doc:"the config's shape as JSON; wins key by key over the file"`
	ConfigPath      string          `json:"config_path,omitempty" doc:"used when --config was not given"`
}

// PeerInfo names the program at one end.
type PeerInfo struct {
	Name    string `json:"name,omitempty"`
	Version string `json:"version,omitempty"`
}

// HostOffers are the host's callbacks.
type HostOffers struct {
	ChoosePersona Offer `json:"choose_persona,omitzero"`
	Score         Offer `json:"score,omitzero"`
	Complete      Offer `json:"complete,omitzero"`
	Embed         Offer `json:"embed,omitzero"`
}

// Offer is true, false, null or an object; embed's object tells the model.
type Offer struct {
	Offered   bool
	Model     string
	Dimension int
}

// UnmarshalJSON takes an object for an offer.
func (o *Offer) UnmarshalJSON(b []byte) error {
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
		if err := DecodeParams(b, &details); err != nil {
			return err
		}
		o.Model, o.Dimension = details.Model, details.Dimension
		return nil
	}
	return errors.New("expected true or an object")
}

// Shape of the parameter.
func (Offer) Shape() Shape {
	return Shape{"true or {model, dimension}", map[string]any{"oneOf": []map[string]any{
		{"type": "boolean"},
		{"type": "object", "properties": map[string]any{"model": map[string]any{"type": "string"}, "dimension": map[string]any{"type": "integer"}}},
	}}}
}

// InitializeResult is what the sidecar says of itself.
type InitializeResult struct {
	ProtocolVersion string           `json:"protocol_version"`
	ServerInfo      PeerInfo         `json:"server_info"`
	Capabilities    ServerOffers     `json:"capabilities"`
	Limits          ServerLimits     `json:"limits"`
	Files           config.Files     `json:"files" doc:"absolute paths"`
	Store           *StoreInfo       `json:"store"`
	Dispatcher      *dispatcher.Door `json:"dispatcher,omitempty"`
}

// ServerOffers are the names of the methods.
type ServerOffers struct {
	Methods []string `json:"methods"`
}

// ServerLimits bound what a host may send.
type ServerLimits struct {
	MaxInFlight     int `json:"max_in_flight"`
	MaxMessageBytes int `json:"max_message_bytes"`
}
