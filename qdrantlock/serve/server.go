package serve

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"
	"google.golang.org/protobuf/proto"

	"qgen-sidecar/qdrantlock/folder"
)

const (
	// Version is the Qdrant API that is spoken here, that of the compiled client.
	Version = "1.17.1"
	// MaxMessage bounds a request and an answer, in bytes.
	MaxMessage = 256 << 20

	stopGrace = 100 * time.Millisecond
)

// Server serves a folder as Qdrant's gRPC API. Safe for concurrent use.
type Server struct {
	log         hclog.Logger
	collections *registry
	direct      directCalls

	mu      sync.Mutex
	running map[*grpc.Server]struct{}
	stopped bool
}

// New loads nothing yet: collections are opened at first use.
func New(f *folder.Folder, log hclog.Logger) *Server { return NewOver(onDisk{f}, log) }

// NewOver is New for any Folder.
func NewOver(f Folder, log hclog.Logger) *Server {
	if log == nil {
		log = hclog.NewNullLogger()
	}
	s := &Server{log: log, collections: newRegistry(f), running: map[*grpc.Server]struct{}{}}
	s.direct.life, s.direct.end = context.WithCancel(context.Background())
	return s
}

// Serve answers on l until Stop. apiKey "" asks for none, which a
// share never does; otherwise every call must carry it as `api-key` metadata. Several listeners
// may be served at once. It returns nil after Stop.
func (s *Server) Serve(l net.Listener, apiKey string) error {
	g := s.grpcServer(apiKey)
	s.mu.Lock()
	if s.stopped {
		s.mu.Unlock()
		return l.Close()
	}
	s.running[g] = struct{}{}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.running, g)
		s.mu.Unlock()
	}()
	if err := g.Serve(l); !errors.Is(err, grpc.ErrServerStopped) {
		return err
	}
	return nil // Stop came first
}

func (s *Server) grpcServer(apiKey string) *grpc.Server {
	g := grpc.NewServer(
		grpc.MaxRecvMsgSize(MaxMessage),
		grpc.MaxSendMsgSize(MaxMessage),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}),
		grpc.InTapHandle(keyCheck(apiKey).tap),
		grpc.UnaryInterceptor(s.guarded),
	)
	s.register(g)
	return g
}

// Stop ends all listeners and direct calls; calls under way finish or are
// cancelled within 100 ms. Idempotent.
func (s *Server) Stop() {
	s.mu.Lock()
	s.stopped = true
	servers := make([]*grpc.Server, 0, len(s.running))
	for g := range s.running {
		servers = append(servers, g)
	}
	s.mu.Unlock()
	var wg sync.WaitGroup
	wg.Go(s.direct.stop)
	for _, g := range servers {
		wg.Go(func() { stop(g) })
	}
	wg.Wait()
}

func stop(g *grpc.Server) {
	hard := afterGrace(g.Stop)
	defer hard.Stop()
	g.GracefulStop()
}

func afterGrace(do func()) *time.Timer { return time.AfterFunc(stopGrace, do) }

// guarded is what every call goes through, with a connection or without.
func (s *Server) guarded(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	return s.recovered(ctx, req, info, func(ctx context.Context, req any) (any, error) {
		return refuseUnknown(ctx, req, handler)
	})
}

// recovered makes a panic in one call that call's Internal error.
func (s *Server) recovered(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (resp any, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("panic in a store call", "method", info.FullMethod, "panic", p, "stack", string(debug.Stack()))
			resp, err = nil, status.Errorf(codes.Internal, "Service internal error: %s panicked; the log has the details", info.FullMethod)
		}
	}()
	resp, err = handler(ctx, req)
	return resp, toStatus(err)
}

// keyCheck is the expected API key; "" lets every call through.
type keyCheck string

// tap looks at a call's headers, before any of its message is read: a caller
// without the key cannot make the server hold anything.
func (k keyCheck) tap(ctx context.Context, call *tap.Info) (context.Context, error) {
	if k == "" {
		return ctx, nil
	}
	for _, given := range call.Header.Get("api-key") {
		// Hashed first: the compare then tells nothing of the length either.
		a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(k))
		if subtle.ConstantTimeCompare(a[:], b[:]) == 1 {
			return ctx, nil
		}
	}
	return nil, status.Error(codes.Unauthenticated, "Must provide an API key or an Authorization bearer token: the `api-key` metadata is missing or wrong")
}

type qdrantServer struct {
	qdrant.UnimplementedQdrantServer
}

func (qdrantServer) HealthCheck(context.Context, *qdrant.HealthCheckRequest) (*qdrant.HealthCheckReply, error) {
	return &qdrant.HealthCheckReply{Title: "qgen-sidecar folder", Version: Version}, nil
}

type healthServer struct {
	grpc_health_v1.UnimplementedHealthServer
}

func (healthServer) Check(context.Context, *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	return &grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_SERVING}, nil
}

// refuseUnknown lets no request through that says more than is understood.
func refuseUnknown(ctx context.Context, req any, handler grpc.UnaryHandler) (any, error) {
	if m, ok := req.(proto.Message); ok {
		if err := CheckUnknown(m); err != nil {
			return nil, err
		}
	}
	return handler(ctx, req)
}
