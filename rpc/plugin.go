package rpc

import (
	"context"
	"errors"
	"io"
	"os"
	"sync/atomic"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"qgen-sidecar/rpc/wire"
)

// The go-plugin face: its handshake and version are fixed, as hosts rely on them.
const (
	PluginCookieKey   = "QGEN_PLUGIN_COOKIE"
	PluginCookieValue = "7b0e6e1c-qgen"
	PluginName        = "sidecar"
	PluginService     = "qgen.Sidecar"
	PluginStream      = "Connect"
)

// Handshake is what host and sidecar must agree on.
var Handshake = plugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: PluginCookieKey, MagicCookieValue: PluginCookieValue}

// IsPlugin says that a go-plugin host started this process.
func IsPlugin() bool { return os.Getenv(PluginCookieKey) == PluginCookieValue }

// ServePlugin serves one go-plugin host until its stream or ctx ends and says
// why it ended. The logger must have been made before: plugin.Serve swaps
// os.Stderr. The process should exit then: go-plugin itself never looks
// whether its host is still there.
func ServePlugin(ctx context.Context, o Options) string {
	face := &sidecarPlugin{ctx: ctx, options: o, done: make(chan string, 1)}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		plugin.Serve(face.config())
	}()
	reason := "the host ended the plugin"
	select {
	case reason = <-face.done:
		return reason
	case <-ctx.Done():
		reason = context.Cause(ctx).Error()
	case <-stopped:
	}
	if face.taken.Load() {
		return <-face.done // the session closes the Service
	}
	return reason
}

func (p *sidecarPlugin) config() *plugin.ServeConfig {
	return &plugin.ServeConfig{
		HandshakeConfig: Handshake,
		Plugins:         plugin.PluginSet{PluginName: p},
		Logger:          p.options.Logger,
		GRPCServer: func(opts []grpc.ServerOption) *grpc.Server {
			opts = append(opts, grpc.MaxRecvMsgSize(wire.MaxMessage+1<<20), grpc.MaxSendMsgSize(1<<31-1))
			return grpc.NewServer(opts...)
		},
	}
}

// sidecarPlugin registers the hand-declared stream: no .proto, no generated code.
type sidecarPlugin struct {
	plugin.NetRPCUnsupportedPlugin
	ctx     context.Context
	options Options
	done    chan string
	taken   atomic.Bool
}

func (p *sidecarPlugin) GRPCServer(_ *plugin.GRPCBroker, server *grpc.Server) error {
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: PluginService,
		HandlerType: (*any)(nil),
		Streams: []grpc.StreamDesc{{
			StreamName: PluginStream, ServerStreams: true, ClientStreams: true,
			Handler: func(_ any, stream grpc.ServerStream) error { return p.connect(stream) },
		}},
	}, p)
	return nil
}

// GRPCClient is the host's half, which a host declares itself (examples/go-host).
func (p *sidecarPlugin) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, errors.New("this is the sidecar's half of the plugin")
}

// connect runs the one session of this process.
func (p *sidecarPlugin) connect(stream grpc.ServerStream) error {
	if !p.taken.CompareAndSwap(false, true) {
		return errors.New("the sidecar serves one stream: it is open already")
	}
	p.done <- Serve(p.ctx, newGRPCMessages(stream), p.options)
	return nil
}

// grpcMessages is one JSON-RPC message per BytesValue.
type grpcMessages struct {
	stream grpc.ServerStream
	*wire.Writer
}

func newGRPCMessages(stream grpc.ServerStream) *grpcMessages {
	sink := func(b []byte) error { return stream.SendMsg(wrapperspb.Bytes(b)) }
	return &grpcMessages{stream: stream, Writer: wire.NewWriter(sink, true, 0, 0)}
}

func (m *grpcMessages) Read() ([]byte, error) {
	var v wrapperspb.BytesValue
	if err := m.stream.RecvMsg(&v); err != nil {
		return nil, io.EOF
	}
	return checkMessage(v.Value)
}

// checkMessage holds a whole message to what a byte stream is held to.
func checkMessage(b []byte) ([]byte, error) {
	switch {
	case len(b) > wire.MaxMessage:
		return nil, &wire.BadFrame{TooLong: true, Reason: "message longer than 64 MiB: send less at once"}
	case len(b) == 0:
		return nil, &wire.BadFrame{Reason: "empty message"}
	}
	return b, nil
}
