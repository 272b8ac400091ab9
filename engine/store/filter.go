package store

import (
	"encoding/json"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/qdrantlock/points"
)

// Filter says which points are meant. The zero Filter means all of them.
type Filter struct{ wire *qdrant.Filter }

// ParseFilter reads a filter in the JSON shape of Qdrant's REST API; empty or null is
// the zero Filter. Anything else is a *api.ParamError of "filter".
func ParseFilter(raw json.RawMessage) (Filter, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return Filter{}, nil
	}
	filter, err := points.ParseFilter(raw)
	if err != nil {
		return Filter{}, &api.ParamError{Param: "filter", Expected: "a Qdrant filter in REST's JSON shape", Found: err.Error()}
	}
	return Filter{filter}, nil
}
