// Command go-host runs qgen-sidecar as a go-plugin plugin: the same methods,
// over one gRPC stream of JSON-RPC messages instead of pipes.
//
//	go run ./examples/go-host path/to/qgen-sidecar
package main

import (
	"context"
	"os"
	"os/exec"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// sidecar is the host's half: it opens the one stream that the plugin serves.
type sidecar struct{ plugin.NetRPCUnsupportedPlugin }

func (sidecar) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error { return nil }

func (sidecar) GRPCClient(ctx context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	desc := &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
	return conn.NewStream(ctx, desc, "/qgen.Sidecar/Connect", grpc.MaxCallRecvMsgSize(64<<20))
}

func main() {
	log := hclog.New(&hclog.LoggerOptions{Name: "host"})
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  plugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "QGEN_PLUGIN_COOKIE", MagicCookieValue: "7b0e6e1c-qgen"},
		Plugins:          plugin.PluginSet{"sidecar": sidecar{}},
		Cmd:              exec.Command(os.Args[1]),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger:           log, // the sidecar's own lines come here too
	})
	defer client.Kill()
	protocol, err := client.Client()
	check(log, err)
	raw, err := protocol.Dispense("sidecar")
	check(log, err)
	stream := raw.(grpc.ClientStream)
	for _, call := range []string{
		`{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocol_version": "1.0"}}`,
		`{"jsonrpc": "2.0", "id": 2, "method": "status"}`,
	} {
		check(log, stream.SendMsg(wrapperspb.Bytes([]byte(call))))
		var reply wrapperspb.BytesValue
		check(log, stream.RecvMsg(&reply))
		log.Info("answered", "message", string(reply.Value))
	}
}

func check(log hclog.Logger, err error) {
	if err != nil {
		log.Error("go-host", "error", err)
		os.Exit(1)
	}
}
