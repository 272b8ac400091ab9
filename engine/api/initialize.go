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
	ProtocolVersion string          `json:"protocol_version" doc:"the version that the host speaks: 1.0"`
	ClientInfo      *PeerInfo       `json:"client_info,omitempty" doc:"the host program, for logs"`
	Capabilities    HostOffers      `json:"capabilities,omitzero" doc:"the callbacks that the host offers"`
	Config          json.RawMessage `json:"config,omitempty" shape:"object" doc:"the config's shape as JSON; wins key by key over the file"`
	ConfigPath      string          `json:"config_path,omitempty" shape:"path" doc:"path of the config; used when --config was not given"`
}

// ServerInfo names the sidecar.
type ServerInfo struct {
	Name    string `json:"name" doc:"name of the program"`
	Version string `json:"version" doc:"its version"`
}

// PeerInfo names the host.
type PeerInfo struct {
	Name    string `json:"name,omitempty" doc:"name of the program"`
	Version string `json:"version,omitempty" doc:"its version"`
}

// HostOffers are the host's callbacks.
type HostOffers struct {
	ChoosePersona Offer `json:"choose_persona,omitzero" doc:"choose-persona: who asks about a chunk"`
	Score         Offer `json:"score,omitzero" doc:"score: the metric host"`
	Complete      Offer `json:"complete,omitzero" doc:"complete: an LLM function, one endpoint among the others"`
	Embed         Offer `json:"embed,omitzero" doc:"embed: vectors for questions and chunks; an object names the model and its dimension"`
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
		{"type": "object", "title": "EmbedModel", "additionalProperties": false, "properties": map[string]any{
			"model":     map[string]any{"type": "string", "description": "name of the model, so that vectors of two are never mixed"},
			"dimension": map[string]any{"type": "integer", "description": "numbers in a vector"}}},
	}}}
}

// InitializeResult is what the sidecar says of itself.
type InitializeResult struct {
	ProtocolVersion string           `json:"protocol_version" doc:"the version that is spoken"`
	ServerInfo      ServerInfo       `json:"server_info" doc:"the sidecar"`
	Capabilities    ServerOffers     `json:"capabilities" doc:"what the sidecar serves"`
	Limits          ServerLimits     `json:"limits" doc:"what a host may send"`
	Files           config.Files     `json:"files" doc:"absolute paths of the files"`
	Store           *StoreInfo       `json:"store" doc:"the store; null: none is configured, or it is opened later"`
	Dispatcher      *dispatcher.Door `json:"dispatcher,omitempty" doc:"address and key of the OpenAI-compatible door; absent: dispatcher.listen is not set"`
}

// ServerOffers are the names of the methods.
type ServerOffers struct {
	Methods []string `json:"methods" doc:"names of the methods"`
}

// ServerLimits bound what a host may send.
type ServerLimits struct {
	MaxInFlight     int `json:"max_in_flight" doc:"calls in flight at once; further ones are -32001"`
	MaxMessageBytes int `json:"max_message_bytes" doc:"bytes of one message; a longer one is -32600"`
}
