package rpc

import (
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/sourcegraph/jsonrpc2"

	"qgen-sidecar/engine"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/rpc/stream"
	"qgen-sidecar/rpc/wire"
)

// DefaultMaxInFlight is what initialize tells hosts; Options may lower it in tests.
const DefaultMaxInFlight = 4096

// Options shape a session; zero values are a real process's.
type Options struct {
	ConfigPath  string // --config
	Version     string
	Logger      hclog.Logger
	MaxInFlight int
	// HungUp is closed when the host has closed its end of our input, also while
	// we do not read it; nil: not known. See process.HungUp.
	HungUp <-chan struct{}
	// NewService builds what the door opens onto; nil: engine.New.
	NewService func(*config.Config, engine.Options) (Service, error)
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = hclog.NewNullLogger()
	}
	if o.MaxInFlight <= 0 {
		o.MaxInFlight = DefaultMaxInFlight
	}
	if o.NewService == nil {
		o.NewService = newEngine
	}
	if o.Version == "" {
		o.Version = "dev"
	}
	return o
}

// session is one host's connection.
type session struct {
	Options
	msgs    wire.Messages
	stream  *stream.Stream
	conn    *jsonrpc2.Conn
	started time.Time

	replying chan struct{} // a place for each reply on its way into the queue
	exit     chan struct{} // closed by `exit`
	exitOnce sync.Once

	state state
	calls calls
}
