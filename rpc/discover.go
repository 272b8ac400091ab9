package rpc

import (
	"encoding/json"
	"sync"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/rpc/reference"
)

// discover answers rpc.discover. The document never changes, so it is made once.
func discover(*session, *call, api.Empty) (any, error) { return openRPC() }

var openRPC = sync.OnceValues(func() (json.RawMessage, error) { return encode(reference.OpenRPC(Faults())) })
