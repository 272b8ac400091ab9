//lint:file-ignore SA1019 older clients still send and read the deprecated fields

package serve_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/qdrant/go-client/qdrant"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"qgen-sidecar/qdrantlock/points/pointstest"
	"qgen-sidecar/qdrantlock/serve"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start serves an empty folder in memory and connects Qdrant's Go client.
func start(t *testing.T) (*qdrant.Client, *pointstest.Folder) {
	t.Helper()
	f := pointstest.NewFolder()
	return connect(t, serve.NewOver(f, nil)), f
}

// connect is how the product itself calls the store: without a connection. The
// same over one is TestOverAConnection's and TestCongruence's.
func connect(t testing.TB, s *serve.Server) *qdrant.Client {
	t.Helper()
	c := dial(t, grpc.WithChainUnaryInterceptor(s.Direct()))
	t.Cleanup(func() {
		c.Close()
		s.Stop()
	})
	return c
}

// connectByPipe is connect through gRPC's own ends.
func connectByPipe(t testing.TB, s *serve.Server) *qdrant.Client {
	t.Helper()
	l := bufconn.Listen(1 << 20)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l, "") }()
	c := dial(t, grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) }))
	t.Cleanup(func() {
		c.Close()
		s.Stop()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return c
}

func dial(t testing.TB, option grpc.DialOption) *qdrant.Client {
	t.Helper()
	c, err := qdrant.NewClient(&qdrant.Config{
		Host: "passthrough", Port: 6334, PoolSize: 1, SkipCompatibilityCheck: true,
		GrpcOptions: []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials()), option},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The two ways to call give the same answers, refusals and end.
func TestOverAConnection(t *testing.T) {
	for name, connect := range map[string]func(testing.TB, *serve.Server) *qdrant.Client{"direct": connect, "pipe": connectByPipe} {
		t.Run(name, func(t *testing.T) {
			s := serve.NewOver(pointstest.NewFolder(), nil)
			c := connect(t, s)
			create(t, c, "c", qdrant.Distance_Dot)
			upsert(t, c, "c", point(1, 3, 4, map[string]any{"k": "v"}), point(2, 1, 0, nil))
			hits, err := c.Query(t.Context(), &qdrant.QueryPoints{CollectionName: "c", Query: qdrant.NewQuery(1, 1), WithPayload: qdrant.NewWithPayload(true)})
			if err != nil || len(hits) != 2 || hits[0].GetScore() != 7 || hits[0].GetPayload()["k"].GetStringValue() != "v" {
				t.Errorf("found %v, %v", hits, err)
			}
			for what, err := range map[codes.Code]error{
				codes.NotFound:        second(c.Count(t.Context(), &qdrant.CountPoints{CollectionName: "nope"})),
				codes.InvalidArgument: second(c.Upsert(t.Context(), &qdrant.UpsertPoints{CollectionName: "c", Points: []*qdrant.PointStruct{point(3, 1, 1, map[string]any{"k": 1})}, UpdateFilter: unknownField()})),
				codes.Unimplemented:   second(c.CreateSnapshot(t.Context(), "c")),
				codes.Canceled:        second(c.Count(cancelled(), &qdrant.CountPoints{CollectionName: "c"})),
			} {
				if status.Code(err) != what {
					t.Errorf("want %s, found %v", what, err)
				}
			}
			s.Stop()
			if _, err := c.Count(t.Context(), &qdrant.CountPoints{CollectionName: "c"}); status.Code(err) != codes.Unavailable {
				t.Errorf("after the end: %v", err)
			}
		})
	}
}

func second[T any](_ T, err error) error { return err }

func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// unknownField is a filter with a field that no API has.
func unknownField() *qdrant.Filter {
	f := &qdrant.Filter{}
	f.ProtoReflect().SetUnknown(protowire.AppendVarint(protowire.AppendTag(nil, 99, protowire.VarintType), 1))
	return f
}

// Text that is no UTF-8 would make Python's client refuse the whole folder.
func TestTextThatIsNoUTF8IsRefused(t *testing.T) {
	c, _ := start(t)
	create(t, c, "c", qdrant.Distance_Dot)
	_, err := c.Upsert(t.Context(), &qdrant.UpsertPoints{CollectionName: "c", Points: []*qdrant.PointStruct{{
		Id: qdrant.NewIDNum(1), Vectors: qdrant.NewVectors(1, 2),
		Payload: map[string]*qdrant.Value{"k": {Kind: &qdrant.Value_StringValue{StringValue: "\xff"}}},
	}}})
	if status.Code(err) != codes.InvalidArgument {
		t.Errorf("found %v", err)
	}
}

func create(t testing.TB, c *qdrant.Client, name string, distance qdrant.Distance) {
	t.Helper()
	err := c.CreateCollection(t.Context(), &qdrant.CreateCollection{
		CollectionName: name,
		VectorsConfig:  qdrant.NewVectorsConfig(&qdrant.VectorParams{Size: 2, Distance: distance}),
	})
	if err != nil {
		t.Fatal(err)
	}
}

func upsert(t testing.TB, c *qdrant.Client, name string, ps ...*qdrant.PointStruct) {
	t.Helper()
	if _, err := c.Upsert(t.Context(), &qdrant.UpsertPoints{CollectionName: name, Points: ps}); err != nil {
		t.Fatal(err)
	}
}

func point(id uint64, x, y float32, payload map[string]any) *qdrant.PointStruct {
	return &qdrant.PointStruct{Id: qdrant.NewIDNum(id), Vectors: qdrant.NewVectors(x, y), Payload: qdrant.NewValueMap(payload)}
}

// payloadOf reads one point's payload as JSON-like text.
func payloadOf(t *testing.T, c *qdrant.Client, name string, id uint64) string {
	t.Helper()
	got, err := c.Get(t.Context(), &qdrant.GetPoints{
		CollectionName: name, Ids: []*qdrant.PointId{qdrant.NewIDNum(id)}, WithPayload: qdrant.NewWithPayload(true),
	})
	if err != nil || len(got) != 1 {
		t.Fatalf("get %d: %d points, %v", id, len(got), err)
	}
	return show(qdrant.NewValueFromFields(got[0].GetPayload()))
}

func show(v *qdrant.Value) string {
	switch k := v.GetKind().(type) {
	case *qdrant.Value_StructValue:
		var parts []string
		for _, key := range sortedKeys(k.StructValue.GetFields()) {
			parts = append(parts, key+":"+show(k.StructValue.GetFields()[key]))
		}
		return "{" + strings.Join(parts, " ") + "}"
	case *qdrant.Value_ListValue:
		var parts []string
		for _, x := range k.ListValue.GetValues() {
			parts = append(parts, show(x))
		}
		return "[" + strings.Join(parts, " ") + "]"
	case *qdrant.Value_StringValue:
		return fmt.Sprintf("%q", k.StringValue)
	case *qdrant.Value_IntegerValue:
		return fmt.Sprintf("%d", k.IntegerValue)
	case *qdrant.Value_DoubleValue:
		return fmt.Sprintf("%.1f", k.DoubleValue)
	case *qdrant.Value_BoolValue:
		return fmt.Sprintf("%t", k.BoolValue)
	}
	return "null"
}

func sortedKeys(m map[string]*qdrant.Value) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	for i := range keys {
		for j := i + 1; j < len(keys); j++ {
			if keys[j] < keys[i] {
				keys[i], keys[j] = keys[j], keys[i]
			}
		}
	}
	return keys
}

func wantCode(t *testing.T, err error, code codes.Code, text string) {
	t.Helper()
	st := status.Convert(errors.Unwrap(err))
	if st.Code() == codes.OK || st.Code() == codes.Unknown {
		st = status.Convert(err)
	}
	if st.Code() != code || !strings.Contains(err.Error(), text) {
		t.Errorf("expected %v with %q, found %v", code, text, err)
	}
}

func TestScrollPages(t *testing.T) {
	c, _ := start(t)
	create(t, c, "c", qdrant.Distance_Dot)
	uuid := "0b2f5a6e-1b7c-4c55-8f0a-2d1f6a3c9e01"
	upsert(t, c, "c", point(7, 1, 0, nil), point(2, 1, 0, nil), point(300, 1, 0, nil),
		&qdrant.PointStruct{Id: qdrant.NewIDUUID(strings.ToUpper(uuid)), Vectors: qdrant.NewVectors(0, 1)})
	var got []string
	var offset *qdrant.PointId
	for range 4 {
		page, next, err := c.ScrollAndOffset(t.Context(), &qdrant.ScrollPoints{CollectionName: "c", Limit: qdrant.PtrOf(uint32(2)), Offset: offset})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page {
			got = append(got, strings.TrimSpace(p.GetId().String()))
		}
		if offset = next; next == nil {
			break
		}
		got = append(got, "|")
	}
	want := []string{"num:2", "num:7", "|", "num:300", `uuid:"` + uuid + `"`}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestQueryScoresAndThreshold(t *testing.T) {
	tests := []struct {
		distance  qdrant.Distance
		threshold float32
		ids       []uint64
		scores    []float32
	}{
		{qdrant.Distance_Cosine, 0, []uint64{1, 2}, []float32{1, 0.6}},
		{qdrant.Distance_Dot, 0, []uint64{1, 2}, []float32{2, 0.6}},
		{qdrant.Distance_Euclid, 1, []uint64{2}, []float32{0.8944272}},
		{qdrant.Distance_Manhattan, 1.2, []uint64{1}, []float32{1}},
	}
	for _, tt := range tests {
		t.Run(tt.distance.String(), func(t *testing.T) {
			c, _ := start(t)
			create(t, c, "c", tt.distance)
			upsert(t, c, "c", point(1, 2, 0, nil), point(2, 0.6, 0.8, nil), point(3, 0, -3, nil))
			got, err := c.Query(t.Context(), &qdrant.QueryPoints{
				CollectionName: "c", Query: qdrant.NewQuery(1, 0), ScoreThreshold: &tt.threshold,
			})
			if err != nil {
				t.Fatal(err)
			}
			var ids []uint64
			for i, p := range got {
				ids = append(ids, p.GetId().GetNum())
				if d := p.GetScore() - tt.scores[min(i, len(tt.scores)-1)]; d > 1e-5 || d < -1e-5 {
					t.Errorf("score %d is %v", i, p.GetScore())
				}
			}
			if d := cmp.Diff(tt.ids, ids); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestQueryByIDExcludesIt(t *testing.T) {
	c, _ := start(t)
	create(t, c, "c", qdrant.Distance_Cosine)
	upsert(t, c, "c", point(1, 1, 0, nil), point(2, 1, 0.1, nil))
	got, err := c.Query(t.Context(), &qdrant.QueryPoints{CollectionName: "c", Query: qdrant.NewQueryID(qdrant.NewIDNum(1))})
	if err != nil || len(got) != 1 || got[0].GetId().GetNum() != 2 {
		t.Errorf("found %v, %v", got, err)
	}
	_, err = c.Query(t.Context(), &qdrant.QueryPoints{CollectionName: "c", Query: qdrant.NewQueryID(qdrant.NewIDNum(9))})
	wantCode(t, err, codes.NotFound, "No point with id 9 found")
}

func TestFilteredSearchSeesEdits(t *testing.T) {
	c, _ := start(t)
	create(t, c, "c", qdrant.Distance_Cosine)
	upsert(t, c, "c", point(1, 1, 0, map[string]any{"kind": "a"}), point(2, 1, 0.2, map[string]any{"kind": "b"}))
	search := func() []uint64 {
		got, err := c.Query(t.Context(), &qdrant.QueryPoints{
			CollectionName: "c", Query: qdrant.NewQuery(1, 0),
			Filter: &qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewMatch("kind", "b")}},
		})
		if err != nil {
			t.Fatal(err)
		}
		var ids []uint64
		for _, p := range got {
			ids = append(ids, p.GetId().GetNum())
		}
		return ids
	}
	if d := cmp.Diff([]uint64{2}, search()); d != "" {
		t.Error(d)
	}
	if _, err := c.SetPayload(t.Context(), &qdrant.SetPayloadPoints{
		CollectionName: "c", Payload: qdrant.NewValueMap(map[string]any{"kind": "b"}),
		PointsSelector: qdrant.NewPointsSelector(qdrant.NewIDNum(1)),
	}); err != nil {
		t.Fatal(err)
	}
	upsert(t, c, "c", point(3, 0, 1, map[string]any{"kind": "b"}))
	if _, err := c.Delete(t.Context(), &qdrant.DeletePoints{CollectionName: "c", Points: qdrant.NewPointsSelector(qdrant.NewIDNum(2))}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]uint64{1, 3}, search()); d != "" {
		t.Error(d)
	}
}

func TestPayloadEdits(t *testing.T) {
	sel := qdrant.NewPointsSelector(qdrant.NewIDNum(1))
	value := func(m map[string]any) map[string]*qdrant.Value { return qdrant.NewValueMap(m) }
	start0 := map[string]any{"a": map[string]any{"b": 1, "c": []any{map[string]any{"d": 1}, 2}}, "t": "x", "n": nil}
	tests := []struct {
		name string
		edit func(context.Context, *qdrant.Client) error
		want string
	}{
		{"merge removes nulls", func(ctx context.Context, c *qdrant.Client) error {
			_, err := c.SetPayload(ctx, &qdrant.SetPayloadPoints{CollectionName: "c", PointsSelector: sel, Payload: value(map[string]any{"t": nil, "u": 2.5})})
			return err
		}, `{a:{b:1 c:[{d:1} 2]} n:null u:2.5}`},
		{"set under a path", func(ctx context.Context, c *qdrant.Client) error {
			_, err := c.SetPayload(ctx, &qdrant.SetPayloadPoints{CollectionName: "c", PointsSelector: sel, Key: qdrant.PtrOf("a.c[]"), Payload: value(map[string]any{"e": true})})
			return err
		}, `{a:{b:1 c:[{d:1 e:true} {e:true}]} n:null t:"x"}`},
		{"set under nothing", func(ctx context.Context, c *qdrant.Client) error {
			_, err := c.SetPayload(ctx, &qdrant.SetPayloadPoints{CollectionName: "c", PointsSelector: sel, Key: qdrant.PtrOf("z.m[0]"), Payload: value(map[string]any{"e": true})})
			return err
		}, `{a:{b:1 c:[{d:1} 2]} n:null t:"x" z:{m:[]}}`},
		{"delete keys", func(ctx context.Context, c *qdrant.Client) error {
			_, err := c.DeletePayload(ctx, &qdrant.DeletePayloadPoints{CollectionName: "c", PointsSelector: sel, Keys: []string{"a.c[].d", "n", "a.c[0]", "zz.y"}})
			return err
		}, `{a:{b:1 c:[{} 2]} t:"x"}`},
		{"overwrite", func(ctx context.Context, c *qdrant.Client) error {
			_, err := c.OverwritePayload(ctx, &qdrant.SetPayloadPoints{CollectionName: "c", PointsSelector: sel, Payload: value(map[string]any{"q": nil})})
			return err
		}, `{q:null}`},
		{"clear", func(ctx context.Context, c *qdrant.Client) error {
			_, err := c.ClearPayload(ctx, &qdrant.ClearPayloadPoints{CollectionName: "c", Points: sel})
			return err
		}, `{}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, f := start(t)
			create(t, c, "c", qdrant.Distance_Cosine)
			upsert(t, c, "c", point(1, 3, 4, start0))
			if err := tt.edit(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if got := payloadOf(t, c, "c", 1); got != tt.want {
				t.Errorf("expected %s, found %s", tt.want, got)
			}
			var raw []float64
			for _, p := range rows(t, f, "c") {
				raw = p.Vectors[""].Dense
			}
			if d := cmp.Diff([]float64{3, 4}, raw); d != "" {
				t.Errorf("the edit touched the vector on disk: %s", d)
			}
		})
	}
}

func TestMissingPointEditsTheOthers(t *testing.T) {
	c, f := start(t)
	create(t, c, "c", qdrant.Distance_Dot)
	upsert(t, c, "c", point(1, 1, 0, nil))
	_, err := c.SetPayload(t.Context(), &qdrant.SetPayloadPoints{
		CollectionName: "c", Payload: qdrant.NewValueMap(map[string]any{"k": 1}),
		PointsSelector: qdrant.NewPointsSelector(qdrant.NewIDNum(5), qdrant.NewIDNum(1)),
	})
	wantCode(t, err, codes.NotFound, "No point with id 5 found")
	if got := payloadOf(t, c, "c", 1); got != "{k:1}" {
		t.Errorf("found %s", got)
	}
	if n := f.Memory("c").Batches(); n != 2 {
		t.Errorf("expected one transaction for each request, found %d for 2", n)
	}
}

func TestRefusals(t *testing.T) {
	c, f := start(t)
	create(t, c, "c", qdrant.Distance_Dot)
	upsert(t, c, "c", point(1, 1, 0, nil))
	ctx := t.Context()
	query := func(q *qdrant.QueryPoints) error {
		q.CollectionName = "c"
		_, err := c.Query(ctx, q)
		return err
	}
	put := func(ps ...*qdrant.PointStruct) error {
		_, err := c.Upsert(ctx, &qdrant.UpsertPoints{CollectionName: "c", Points: ps})
		return err
	}
	filter := func(cond *qdrant.Condition) error {
		return query(&qdrant.QueryPoints{Filter: &qdrant.Filter{Must: []*qdrant.Condition{cond}}})
	}
	newer := &qdrant.Condition{}
	newer.ProtoReflect().SetUnknown(protowire.AppendBytes(protowire.AppendTag(nil, 8, protowire.BytesType), nil))
	tests := []struct {
		name string
		err  error
		code codes.Code
		text string
	}{
		{"collection", func() error { _, err := c.Count(ctx, &qdrant.CountPoints{CollectionName: "x"}); return err }(), codes.NotFound, "Collection `x` doesn't exist!"},
		{"dimension", put(point(8, 0, 0, nil), &qdrant.PointStruct{Id: qdrant.NewIDNum(9), Vectors: qdrant.NewVectors(1)}), codes.InvalidArgument, "Vector dimension error: expected dim: 2, got 1"},
		{"name", put(&qdrant.PointStruct{Id: qdrant.NewIDNum(9), Vectors: qdrant.NewVectorsMap(map[string]*qdrant.Vector{"v": qdrant.NewVector(1, 2)})}), codes.InvalidArgument, "Not existing vector name error: v"},
		{"uuid", put(&qdrant.PointStruct{Id: qdrant.NewIDUUID("abc"), Vectors: qdrant.NewVectors(1, 2)}), codes.InvalidArgument, "Unable to parse UUID: abc"},
		{"empty", put(), codes.InvalidArgument, "Empty update request"},
		{"query dimension", query(&qdrant.QueryPoints{Query: qdrant.NewQuery(1)}), codes.InvalidArgument, "expected dim: 2, got 1"},
		{"using", query(&qdrant.QueryPoints{Query: qdrant.NewQuery(1, 2), Using: qdrant.PtrOf("v")}), codes.InvalidArgument, "Not existing vector name error: v"},
		{"newer condition", filter(newer), codes.InvalidArgument, `field "slice"`},
		{"empty condition", filter(&qdrant.Condition{}), codes.InvalidArgument, "filter condition of a kind"},
		{"empty match", filter(&qdrant.Condition{ConditionOneOf: &qdrant.Condition_Field{Field: &qdrant.FieldCondition{Key: "a", Match: &qdrant.Match{}}}}), codes.InvalidArgument, "match condition"},
		{"two in one", filter(&qdrant.Condition{ConditionOneOf: &qdrant.Condition_Field{Field: &qdrant.FieldCondition{Key: "a", IsNull: qdrant.PtrOf(true), IsEmpty: qdrant.PtrOf(true)}}}), codes.InvalidArgument, "[is_empty is_null] together"},
		{"path", filter(qdrant.NewMatch("a..b", "x")), codes.InvalidArgument, `invalid payload path "a..b"`},
		{"enum", query(&qdrant.QueryPoints{Query: &qdrant.Query{Variant: &qdrant.Query_Sample{Sample: 9}}}), codes.InvalidArgument, "value 9 is not known"},
		{"formula", query(&qdrant.QueryPoints{Query: &qdrant.Query{Variant: &qdrant.Query_Formula{Formula: &qdrant.Formula{}}}}), codes.InvalidArgument, "without prefetches"},
		{"method", func() error { _, err := c.CreateSnapshot(ctx, "c"); return err }(), codes.Unimplemented, "CreateSnapshot"},
		{"exists", c.CreateCollection(ctx, &qdrant.CreateCollection{CollectionName: "c", VectorsConfig: qdrant.NewVectorsConfig(&qdrant.VectorParams{Size: 2, Distance: qdrant.Distance_Dot})}), codes.AlreadyExists, "Collection `c` already exists!"},
		{"bad name", c.CreateCollection(ctx, &qdrant.CreateCollection{CollectionName: "a/b", VectorsConfig: qdrant.NewVectorsConfig(&qdrant.VectorParams{Size: 2, Distance: qdrant.Distance_Dot})}), codes.InvalidArgument, "cannot contain"},
		{"dense and sparse", c.CreateCollection(ctx, &qdrant.CreateCollection{CollectionName: "d",
			VectorsConfig:       qdrant.NewVectorsConfigMap(map[string]*qdrant.VectorParams{"v": {Size: 2, Distance: qdrant.Distance_Dot}}),
			SparseVectorsConfig: qdrant.NewSparseVectorsConfig(map[string]*qdrant.SparseVectorParams{"v": {}})}), codes.InvalidArgument, "both dense and sparse"},
		{"no distance", c.CreateCollection(ctx, &qdrant.CreateCollection{CollectionName: "d", VectorsConfig: qdrant.NewVectorsConfig(&qdrant.VectorParams{Size: 2})}), codes.InvalidArgument, "must be Cosine"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantCode(t, tt.err, tt.code, tt.text) })
	}
	if n := len(rows(t, f, "c")); n != 1 {
		t.Errorf("a refused request left %d rows", n)
	}
}

func TestFailedWriteChangesNothing(t *testing.T) {
	c, f := start(t)
	create(t, c, "c", qdrant.Distance_Dot)
	upsert(t, c, "c", point(1, 1, 0, nil))
	f.Memory("c").FailWrites(errors.New("disk full"))
	_, err := c.Upsert(t.Context(), &qdrant.UpsertPoints{CollectionName: "c", Points: []*qdrant.PointStruct{point(2, 1, 0, nil)}})
	wantCode(t, err, codes.Internal, "disk full")
	f.Memory("c").FailWrites(nil)
	if n, err := c.Count(t.Context(), &qdrant.CountPoints{CollectionName: "c"}); n != 1 || err != nil {
		t.Errorf("count is %d, %v", n, err)
	}
}

func TestUpsertModes(t *testing.T) {
	c, _ := start(t)
	create(t, c, "c", qdrant.Distance_Dot)
	upsert(t, c, "c", point(1, 1, 0, map[string]any{"v": 1}))
	mode := func(m qdrant.UpdateMode, filter *qdrant.Filter) {
		_, err := c.Upsert(t.Context(), &qdrant.UpsertPoints{CollectionName: "c", UpdateMode: &m, UpdateFilter: filter,
			Points: []*qdrant.PointStruct{point(1, 1, 0, map[string]any{"v": 2}), point(2, 1, 0, map[string]any{"v": 2})}})
		if err != nil {
			t.Fatal(err)
		}
	}
	mode(qdrant.UpdateMode_UpdateOnly, &qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewMatchInt("v", 9)}})
	if n, _ := c.Count(t.Context(), &qdrant.CountPoints{CollectionName: "c"}); n != 1 || payloadOf(t, c, "c", 1) != "{v:1}" {
		t.Errorf("update_only with a filter that does not match changed something")
	}
	mode(qdrant.UpdateMode_InsertOnly, nil)
	if payloadOf(t, c, "c", 1) != "{v:1}" || payloadOf(t, c, "c", 2) != "{v:2}" {
		t.Errorf("insert_only: found %s, %s", payloadOf(t, c, "c", 1), payloadOf(t, c, "c", 2))
	}
}

func TestUpdateBatchIsOneTransaction(t *testing.T) {
	c, f := start(t)
	create(t, c, "c", qdrant.Distance_Dot)
	upsert(t, c, "c", point(1, 1, 0, map[string]any{"v": 1}))
	before := f.Memory("c").Batches()
	byV := func(v int64) *qdrant.PointsSelector {
		return qdrant.NewPointsSelectorFilter(&qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewMatchInt("v", v)}})
	}
	_, err := c.UpdateBatch(t.Context(), &qdrant.UpdateBatchPoints{CollectionName: "c", Operations: []*qdrant.PointsUpdateOperation{
		qdrant.NewPointsUpdateUpsert(&qdrant.PointsUpdateOperation_PointStructList{Points: []*qdrant.PointStruct{point(2, 1, 0, map[string]any{"v": 1})}}),
		qdrant.NewPointsUpdateSetPayload(&qdrant.PointsUpdateOperation_SetPayload{Payload: qdrant.NewValueMap(map[string]any{"v": 2}), PointsSelector: byV(1)}),
		qdrant.NewPointsUpdateDeletePoints(&qdrant.PointsUpdateOperation_DeletePoints{Points: qdrant.NewPointsSelector(qdrant.NewIDNum(1))}),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := c.Count(t.Context(), &qdrant.CountPoints{CollectionName: "c"}); n != 1 || payloadOf(t, c, "c", 2) != "{v:2}" {
		t.Errorf("later operations do not see earlier ones: %d points", n)
	}
	if got := f.Memory("c").Batches() - before; got != 1 {
		t.Errorf("expected 1 transaction, found %d", got)
	}
}

func TestAliases(t *testing.T) {
	c, _ := start(t)
	ctx := t.Context()
	create(t, c, "c", qdrant.Distance_Dot)
	if err := c.CreateAlias(ctx, "a", "c"); err != nil {
		t.Fatal(err)
	}
	upsert(t, c, "a", point(1, 1, 0, nil))
	if n, err := c.Count(ctx, &qdrant.CountPoints{CollectionName: "c"}); n != 1 || err != nil {
		t.Errorf("count %d, %v", n, err)
	}
	if err := c.RenameAlias(ctx, "a", "b"); err != nil {
		t.Error(err)
	}
	wantCode(t, c.CreateAlias(ctx, "c", "c"), codes.AlreadyExists, "already exists")
	if ok, err := c.CollectionExists(ctx, "b"); !ok || err != nil {
		t.Errorf("alias b: %v, %v", ok, err)
	}
	if err := c.DeleteCollection(ctx, "c"); err != nil {
		t.Error(err)
	}
	if list, err := c.ListAliases(ctx); len(list) != 0 || err != nil {
		t.Errorf("aliases of a deleted collection: %v, %v", list, err)
	}
	create(t, c, "c", qdrant.Distance_Dot)
	if n, err := c.Count(ctx, &qdrant.CountPoints{CollectionName: "c"}); n != 0 || err != nil {
		t.Errorf("a new collection has %d points, %v", n, err)
	}
}

func TestVectorKinds(t *testing.T) {
	c, _ := start(t)
	ctx := t.Context()
	err := c.CreateCollection(ctx, &qdrant.CreateCollection{
		CollectionName: "c",
		VectorsConfig: qdrant.NewVectorsConfigMap(map[string]*qdrant.VectorParams{
			"d": {Size: 2, Distance: qdrant.Distance_Cosine, HnswConfig: &qdrant.HnswConfigDiff{M: qdrant.PtrOf(uint64(8))}},
			"m": {Size: 2, Distance: qdrant.Distance_Dot, MultivectorConfig: &qdrant.MultiVectorConfig{Comparator: qdrant.MultiVectorComparator_MaxSim}},
		}),
		SparseVectorsConfig: qdrant.NewSparseVectorsConfig(map[string]*qdrant.SparseVectorParams{"s": {Modifier: qdrant.Modifier_Idf.Enum()}}),
	})
	if err != nil {
		t.Fatal(err)
	}
	upsert(t, c, "c", &qdrant.PointStruct{Id: qdrant.NewIDNum(1), Vectors: qdrant.NewVectorsMap(map[string]*qdrant.Vector{
		"d": qdrant.NewVector(3, 4),
		"m": qdrant.NewVectorMulti([][]float32{{1, 0}, {0, 2}}),
		"s": qdrant.NewVectorSparse([]uint32{7, 3}, []float32{1, 2}),
	})}, &qdrant.PointStruct{Id: qdrant.NewIDNum(2), Vectors: qdrant.NewVectorsMap(map[string]*qdrant.Vector{
		"s": qdrant.NewVectorSparse([]uint32{9}, []float32{1}),
	})})
	got, err := c.Get(ctx, &qdrant.GetPoints{CollectionName: "c", Ids: []*qdrant.PointId{qdrant.NewIDNum(1)}, WithVectors: qdrant.NewWithVectors(true)})
	if err != nil {
		t.Fatal(err)
	}
	v := got[0].GetVectors().GetVectors().GetVectors()
	if d := cmp.Diff([]float32{0.6, 0.8}, v["d"].GetDense().GetData()); d != "" {
		t.Error("dense", d)
	}
	if d := cmp.Diff([]uint32{3, 7}, v["s"].GetSparse().GetIndices()); d != "" {
		t.Error("sparse", d)
	}
	if d := cmp.Diff([]float32{1, 0, 0, 2}, v["m"].GetData()); d != "" || v["m"].GetVectorsCount() != 2 { //nolint:staticcheck // what old clients read
		t.Error("multi, old form", d)
	}
	query := func(using string, q *qdrant.Query) string {
		hits, err := c.Query(ctx, &qdrant.QueryPoints{CollectionName: "c", Using: &using, Query: q})
		if err != nil {
			return err.Error()
		}
		var out []string
		for _, h := range hits {
			out = append(out, fmt.Sprintf("%d=%.4f", h.GetId().GetNum(), h.GetScore()))
		}
		return strings.Join(out, " ")
	}
	for _, tt := range []struct{ using, got, want string }{
		{"d", query("d", qdrant.NewQuery(1, 0)), "1=0.6000"},
		{"m", query("m", qdrant.NewQueryMulti([][]float32{{1, 1}, {2, 0}})), "1=4.0000"},
		// idf of index 3: one of two documents has it, ln((2-1+.5)/(1+.5)+1) = ln 2
		{"s", query("s", qdrant.NewQuerySparse([]uint32{3}, []float32{1})), "1=1.3863"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: expected %s, found %s", tt.using, tt.want, tt.got)
		}
	}
	info, err := c.GetCollectionInfo(ctx, "c")
	if err != nil || info.GetConfig().GetParams().GetVectorsConfig().GetParamsMap().GetMap()["d"].GetHnswConfig().GetM() != 8 {
		t.Errorf("info: %v, %v", info, err)
	}
}

// Nothing is so large that adding it to something else ends below zero.
func TestTheLargestLimitIsAllThereIs(t *testing.T) {
	c, _ := start(t)
	create(t, c, "c", qdrant.Distance_Dot)
	upsert(t, c, "c", point(1, 3, 0, nil), point(2, 2, 1, nil), point(3, 0, 5, nil))
	for name, q := range map[string]*qdrant.Query{"nearest": qdrant.NewQuery(1, 0), "by id": nil, "random": qdrant.NewQuerySample(qdrant.Sample_Random)} {
		got, err := c.Query(t.Context(), &qdrant.QueryPoints{CollectionName: "c", Query: q, Limit: qdrant.PtrOf(uint64(math.MaxUint64)), Offset: qdrant.PtrOf(uint64(1))})
		if err != nil || len(got) != 2 {
			t.Errorf("%s: %d points beside one left out, %v", name, len(got), err)
		}
		got, err = c.Query(t.Context(), &qdrant.QueryPoints{CollectionName: "c", Query: q, Limit: qdrant.PtrOf(uint64(2)), Offset: qdrant.PtrOf(uint64(math.MaxUint64))})
		if err != nil || len(got) != 0 {
			t.Errorf("%s: %d points behind all, %v", name, len(got), err)
		}
	}
}

func TestFusionOfPrefetches(t *testing.T) {
	c, _ := start(t)
	create(t, c, "c", qdrant.Distance_Dot)
	upsert(t, c, "c", point(1, 3, 0, nil), point(2, 2, 1, nil), point(3, 0, 5, nil))
	got, err := c.Query(t.Context(), &qdrant.QueryPoints{
		CollectionName: "c", Query: qdrant.NewQueryFusion(qdrant.Fusion_RRF),
		Prefetch: []*qdrant.PrefetchQuery{
			{Query: qdrant.NewQuery(1, 0), Limit: qdrant.PtrOf(uint64(2))}, // 1, 2
			{Query: qdrant.NewQuery(0, 1), Limit: qdrant.PtrOf(uint64(2))}, // 3, 2
		},
	})
	if err != nil || len(got) != 3 || got[0].GetId().GetNum() != 2 || got[0].GetScore() < 0.66 {
		t.Errorf("found %v, %v", got, err)
	}
}

func TestReadersNeverSeeHalfABatch(t *testing.T) {
	c, _ := start(t)
	create(t, c, "c", qdrant.Distance_Dot)
	batch := func(round int) []*qdrant.PointStruct {
		var ps []*qdrant.PointStruct
		for id := range uint64(20) {
			ps = append(ps, point(id, 1, float32(id), map[string]any{"round": round}))
		}
		return ps
	}
	upsert(t, c, "c", batch(0)...)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				page, err := c.Scroll(t.Context(), &qdrant.ScrollPoints{CollectionName: "c", Limit: qdrant.PtrOf(uint32(50)), WithPayload: qdrant.NewWithPayload(true)})
				if err != nil {
					t.Error(err)
					return
				}
				seen := map[int64]bool{}
				for _, p := range page {
					seen[p.GetPayload()["round"].GetIntegerValue()] = true
				}
				if len(page) != 20 || len(seen) != 1 {
					t.Errorf("%d points of rounds %v", len(page), seen)
				}
				if _, err := c.Query(t.Context(), &qdrant.QueryPoints{CollectionName: "c", Query: qdrant.NewQuery(0, 1),
					Filter: &qdrant.Filter{MustNot: []*qdrant.Condition{qdrant.NewMatchInt("round", -1)}}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for round := range 30 {
		upsert(t, c, "c", batch(round)...)
	}
	close(stop)
	wg.Wait()
}

func TestAPIKey(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := serve.NewOver(pointstest.NewFolder(), nil)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l, "right") }()
	defer func() {
		s.Stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	for key, code := range map[string]codes.Code{"right": codes.OK, "wrong": codes.Unauthenticated, "": codes.Unauthenticated} {
		c, err := qdrant.NewClient(&qdrant.Config{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, APIKey: key, PoolSize: 1, SkipCompatibilityCheck: true})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.HealthCheck(t.Context())
		if status.Code(errors.Unwrap(err)) != code && status.Code(err) != code {
			t.Errorf("key %q: %v", key, err)
		}
		c.Close()
	}
	// Without the key a call ends at its headers: no message is waited for.
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	call, err := conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true}, "/qdrant.Points/Upsert")
	if err == nil {
		err = call.RecvMsg(&qdrant.PointsOperationResponse{})
	}
	if status.Code(err) != codes.Unauthenticated {
		t.Errorf("a call without a key or a message: %v", err)
	}
}

func TestCheckUnknownFindsDeepFields(t *testing.T) {
	deep := &qdrant.Filter{}
	deep.ProtoReflect().SetUnknown(protowire.AppendVarint(protowire.AppendTag(nil, 99, protowire.VarintType), 1))
	for name, m := range map[string]proto.Message{
		"list": &qdrant.QueryPoints{Prefetch: []*qdrant.PrefetchQuery{{Filter: deep}}},
		"map":  &qdrant.SetPayloadPoints{PointsSelector: qdrant.NewPointsSelectorFilter(deep)},
	} {
		if err := serve.CheckUnknown(m); err == nil || !strings.Contains(err.Error(), "qdrant.Filter: field number 99") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := serve.CheckUnknown(&qdrant.ScrollPoints{Filter: &qdrant.Filter{}}); err != nil {
		t.Error(err)
	}
}

func TestUpdateCollection(t *testing.T) {
	c, f := start(t)
	ctx := t.Context()
	err := c.CreateCollection(ctx, &qdrant.CreateCollection{
		CollectionName:      "c",
		SparseVectorsConfig: qdrant.NewSparseVectorsConfig(map[string]*qdrant.SparseVectorParams{"s": {Index: &qdrant.SparseIndexConfig{OnDisk: qdrant.PtrOf(true)}}}),
	})
	if err != nil {
		t.Fatal(err)
	}
	upsert(t, c, "c", &qdrant.PointStruct{Id: qdrant.NewIDNum(1), Vectors: qdrant.NewVectorsMap(map[string]*qdrant.Vector{"s": qdrant.NewVectorSparse([]uint32{1}, []float32{1})})},
		&qdrant.PointStruct{Id: qdrant.NewIDNum(2), Vectors: qdrant.NewVectorsMap(map[string]*qdrant.Vector{"s": qdrant.NewVectorSparse([]uint32{2}, []float32{1})})})
	score := func() float32 {
		hits, err := c.Query(ctx, &qdrant.QueryPoints{CollectionName: "c", Using: qdrant.PtrOf("s"), Query: qdrant.NewQuerySparse([]uint32{1}, []float32{1})})
		if err != nil || len(hits) != 1 {
			t.Fatalf("found %v, %v", hits, err)
		}
		return hits[0].GetScore()
	}
	if got := score(); got != 1 {
		t.Errorf("without idf: %v", got)
	}
	update := func(name string) error {
		return c.UpdateCollection(ctx, &qdrant.UpdateCollection{CollectionName: "c", Metadata: qdrant.NewValueMap(map[string]any{"k": 1}),
			SparseVectorsConfig: qdrant.NewSparseVectorsConfig(map[string]*qdrant.SparseVectorParams{name: {Modifier: qdrant.Modifier_Idf.Enum()}})})
	}
	wantCode(t, update("x"), codes.InvalidArgument, "Vector x does not exist")
	if err := update("s"); err != nil {
		t.Fatal(err)
	}
	if got := score(); got > 0.7 { // ln 2
		t.Errorf("with idf: %v", got)
	}
	cfg := f.Memory("c").Config()
	if d := cmp.Diff(map[string]any{"index": map[string]any{"on_disk": true}}, cfg.Sparse["s"].Extra); d != "" || cfg.Metadata["k"] != int64(1) {
		t.Errorf("config: %s, %v", d, cfg.Metadata)
	}
}
