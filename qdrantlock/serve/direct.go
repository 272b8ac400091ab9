package serve

import (
	"context"
	"sync"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Direct lets a client in this process call the server without a connection:
// as the client's interceptor it answers every call itself. A request goes
// through the wire format, which checks it and keeps the caller's memory out of
// the store; an answer is handed over as it is, so that a page of a hundred
// thousand points is neither encoded nor decoded. Vectors of an answer must not
// be changed.
func (s *Server) Direct() grpc.UnaryClientInterceptor {
	methods := s.methods()
	return func(ctx context.Context, name string, req, reply any, _ *grpc.ClientConn, _ grpc.UnaryInvoker, _ ...grpc.CallOption) error {
		m, known := methods[name]
		if !known {
			return status.Errorf(codes.Unimplemented, "unknown method %s", name)
		}
		raw, err := proto.Marshal(req.(proto.Message))
		if err != nil {
			return status.Errorf(codes.InvalidArgument, "Wrong input: %v", err)
		}
		ctx, leave, err := s.enter(ctx)
		if err != nil {
			return err
		}
		defer leave()
		answer, err := m.desc.Handler(m.server, ctx, func(in any) error { return proto.Unmarshal(raw, in.(proto.Message)) }, s.guarded)
		if err != nil {
			return toStatus(err)
		}
		hand(answer.(proto.Message).ProtoReflect(), reply.(proto.Message).ProtoReflect())
		return nil
	}
}

// hand moves an answer's fields into the message that the client made for it.
func hand(from, to protoreflect.Message) {
	from.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		to.Set(fd, v)
		return true
	})
}

// method is one that clients may call.
type method struct {
	desc   grpc.MethodDesc
	server any
}

// methods are those of all services, by their full names.
func (s *Server) methods() map[string]method {
	out := map[string]method{}
	s.register(registrar(func(d *grpc.ServiceDesc, server any) {
		for _, m := range d.Methods {
			out["/"+d.ServiceName+"/"+m.MethodName] = method{m, server}
		}
	}))
	return out
}

type registrar func(*grpc.ServiceDesc, any)

func (r registrar) RegisterService(d *grpc.ServiceDesc, server any) { r(d, server) }

// register tells r of every service.
func (s *Server) register(r grpc.ServiceRegistrar) {
	qdrant.RegisterPointsServer(r, &pointsServer{collections: s.collections})
	qdrant.RegisterCollectionsServer(r, &collectionsServer{collections: s.collections})
	qdrant.RegisterSnapshotsServer(r, qdrant.UnimplementedSnapshotsServer{})
	qdrant.RegisterQdrantServer(r, qdrantServer{})
	grpc_health_v1.RegisterHealthServer(r, healthServer{})
}

// directCalls are the calls under way without a connection; Server.stopped says
// whether more may come.
type directCalls struct {
	running sync.WaitGroup
	life    context.Context
	end     context.CancelFunc
}

// enter begins a direct call, whose context ends with the server too.
func (s *Server) enter(ctx context.Context) (context.Context, func(), error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, toStatus(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return nil, nil, status.Error(codes.Unavailable, "the store is closed")
	}
	s.direct.running.Add(1)
	ctx, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(s.direct.life, cancel)
	return ctx, func() { unhook(); cancel(); s.direct.running.Done() }, nil
}

// stop waits for the calls inside, which are cancelled after stopGrace.
func (c *directCalls) stop() {
	hard := afterGrace(c.end)
	c.running.Wait()
	hard.Stop()
	c.end()
}
