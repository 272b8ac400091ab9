package qdrantlock

import (
	"context"
	"crypto/tls"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
)

// newClient makes Qdrant's Go client. The key is sent by an interceptor of our
// own: the client's own option writes a warning to the standard logger for each
// connection without TLS, and loopback has none.
func newClient(host string, port int, key string, secure bool, more ...grpc.DialOption) (*qdrant.Client, error) {
	creds := insecure.NewCredentials()
	if secure {
		creds = credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12})
	}
	options := append([]grpc.DialOption{
		grpc.WithTransportCredentials(creds),
		grpc.WithChainUnaryInterceptor(sendKey(key)),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage), grpc.MaxCallSendMsgSize(maxMessage)),
	}, more...)
	return qdrant.NewClient(&qdrant.Config{
		Host: host, Port: port,
		PoolSize:               1,
		SkipCompatibilityCheck: true,
		KeepAliveTime:          -1,
		GrpcOptions:            options,
	})
}

// maxMessage bounds a gRPC message in bytes, for a page of points with vectors.
const maxMessage = 256 << 20

func sendKey(key string) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		if key != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, "api-key", key)
		}
		return invoke(ctx, method, req, reply, cc, opts...)
	}
}
