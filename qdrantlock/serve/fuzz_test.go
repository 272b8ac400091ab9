package serve_test

import (
	"context"
	"testing"
	"time"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"qgen-sidecar/qdrantlock/points/pointstest"
	"qgen-sidecar/qdrantlock/serve"
)

// surface lists the methods of Qdrant's services.
func surface() (all []protoreflect.MethodDescriptor) {
	for _, name := range []protoreflect.FullName{"qdrant.Points", "qdrant.Collections", "qdrant.Snapshots", "qdrant.Qdrant"} {
		d, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
		if err != nil {
			panic(err)
		}
		methods := d.(protoreflect.ServiceDescriptor).Methods()
		for i := range methods.Len() {
			all = append(all, methods.Get(i))
		}
	}
	return all
}

func newMessage(d protoreflect.MessageDescriptor) proto.Message {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		panic(err)
	}
	return kind.New().Interface()
}

// invoke calls a method of a server that has a collection "c" of three points.
func invoke(t testing.TB, m protoreflect.MethodDescriptor, req proto.Message) error {
	t.Helper()
	s := serve.NewOver(pointstest.NewFolder(), nil)
	c := connect(t, s)
	create(t, c, "c", qdrant.Distance_Cosine)
	upsert(t, c, "c", point(1, 3, 4, map[string]any{"k": "v", "n": []any{1, map[string]any{"x": 2.5}}}), point(2, 1, 0, nil), point(3, 0, 0, nil))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	name := "/" + string(m.Parent().FullName()) + "/" + string(m.Name())
	return s.Direct()(ctx, name, req, newMessage(m.Output()), (*grpc.ClientConn)(nil), nil)
}

// Any request to any method is answered or refused: no panic, no fault of the
// store's own, no call without end.
func FuzzRequest(f *testing.F) {
	methods := surface()
	for i, m := range methods {
		f.Add(uint8(i), []byte{})
		req := newMessage(m.Input())
		if field := m.Input().Fields().ByName("collection_name"); field != nil {
			req.ProtoReflect().Set(field, protoreflect.ValueOfString("c"))
		}
		raw, err := proto.Marshal(req)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), raw)
	}
	index := func(name protoreflect.Name) uint8 {
		for i, m := range methods {
			if m.Name() == name {
				return uint8(i)
			}
		}
		f.Fatalf("no method %s", name)
		return 0
	}
	for name, req := range requests() {
		raw, err := proto.Marshal(req)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(index(name), raw)
	}
	f.Fuzz(func(t *testing.T, method uint8, raw []byte) {
		m := methods[int(method)%len(methods)]
		req := newMessage(m.Input())
		if proto.Unmarshal(raw, req) != nil {
			return
		}
		switch err := invoke(t, m, req); status.Code(err) {
		case codes.Internal, codes.Unknown, codes.DeadlineExceeded:
			t.Errorf("%s of %v: %v", m.FullName(), req, err)
		}
	})
}

// requests are whole ones, to begin from.
func requests() map[protoreflect.Name]proto.Message {
	nested := &qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewNestedCondition("n", qdrant.NewRange("x", &qdrant.Range{Gt: qdrant.PtrOf(1.0)})), qdrant.NewIsEmpty("k")}}
	id := qdrant.NewIDNum(1)
	return map[protoreflect.Name]proto.Message{
		"Query": &qdrant.QueryPoints{CollectionName: "c", Query: qdrant.NewQueryFusion(qdrant.Fusion_RRF), Filter: nested,
			Prefetch: []*qdrant.PrefetchQuery{{Query: qdrant.NewQuery(1, 2)}, {Query: qdrant.NewQueryRecommend(&qdrant.RecommendInput{Positive: []*qdrant.VectorInput{qdrant.NewVectorInputID(id)}})}}},
		"QueryGroups":       &qdrant.QueryPointGroups{CollectionName: "c", Query: qdrant.NewQuery(1, 2), GroupBy: "k", GroupSize: qdrant.PtrOf(uint64(2))},
		"Upsert":            &qdrant.UpsertPoints{CollectionName: "c", Points: []*qdrant.PointStruct{point(9, 1, 2, map[string]any{"a": nil})}, UpdateFilter: nested},
		"SetPayload":        &qdrant.SetPayloadPoints{CollectionName: "c", Payload: qdrant.NewValueMap(map[string]any{"a": 1}), Key: qdrant.PtrOf("n[0].y"), PointsSelector: qdrant.NewPointsSelectorFilter(nested)},
		"Scroll":            &qdrant.ScrollPoints{CollectionName: "c", OrderBy: &qdrant.OrderBy{Key: "n[].x"}, Limit: qdrant.PtrOf(uint32(2)), WithPayload: qdrant.NewWithPayloadInclude("n[].x")},
		"SearchMatrixPairs": &qdrant.SearchMatrixPoints{CollectionName: "c", Sample: qdrant.PtrOf(uint64(3)), Limit: qdrant.PtrOf(uint64(2))},
		"UpdateBatch":       &qdrant.UpdateBatchPoints{CollectionName: "c", Operations: []*qdrant.PointsUpdateOperation{{Operation: &qdrant.PointsUpdateOperation_ClearPayload_{ClearPayload: &qdrant.PointsUpdateOperation_ClearPayload{Points: qdrant.NewPointsSelector(id)}}}}},
		"Facet":             &qdrant.FacetCounts{CollectionName: "c", Key: "k", Filter: nested},
	}
}
