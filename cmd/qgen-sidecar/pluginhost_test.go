//go:build unix

package main

import (
	"context"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"qgen-sidecar/rpc"
)

// hostPlugin is a go-plugin host's half: it opens the stream.
type hostPlugin struct{ plugin.NetRPCUnsupportedPlugin }

func (hostPlugin) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error { return nil }

func (hostPlugin) GRPCClient(ctx context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	desc := &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
	stream, err := conn.NewStream(ctx, desc, "/"+rpc.PluginService+"/"+rpc.PluginStream)
	return &pluginStream{stream}, err
}

type pluginStream struct{ grpc.ClientStream }

// ask sends one message and waits for one.
func (s *pluginStream) ask(message string) (string, error) {
	if err := s.SendMsg(wrapperspb.Bytes([]byte(message))); err != nil {
		return "", err
	}
	var answer wrapperspb.BytesValue
	err := s.RecvMsg(&answer)
	return string(answer.Value), err
}
