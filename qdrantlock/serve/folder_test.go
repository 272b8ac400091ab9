package serve_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/qdrantlock/folder"
	"qgen-sidecar/qdrantlock/serve"
)

// TestAcknowledgedIsOnDisk writes through the client, ends everything, and
// reads through another server.
func TestAcknowledgedIsOnDisk(t *testing.T) {
	dir, f := emptyFolder(t)
	t.Run("write", func(t *testing.T) {
		t.Cleanup(func() { // after the server's end
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		})
		c := connect(t, serve.New(f, nil))
		create(t, c, "c", qdrant.Distance_Cosine)
		upsert(t, c, "c", point(1, 3, 4, map[string]any{"k": "v", "l": []any{1, 2.5, nil, true}}), point(2, 1, 0, nil))
		if err := c.CreateAlias(t.Context(), "a", "c"); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Delete(t.Context(), &qdrant.DeletePoints{CollectionName: "a", Points: qdrant.NewPointsSelector(qdrant.NewIDNum(2))}); err != nil {
			t.Fatal(err)
		}
	})
	f, err := folder.Open(dir, hclog.NewNullLogger())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	t.Run("read", func(t *testing.T) {
		c := connect(t, serve.New(f, nil))
		if got := payloadOf(t, c, "a", 1); got != `{k:"v" l:[1 2.5 null true]}` {
			t.Errorf("found %s", got)
		}
		hits, err := c.Query(t.Context(), &qdrant.QueryPoints{CollectionName: "c", Query: qdrant.NewQuery(3, 4)})
		if err != nil || len(hits) != 1 || hits[0].GetScore() < 0.99999 {
			t.Errorf("found %v, %v", hits, err)
		}
	})
}

// BenchmarkStore measures the calls that hosts make, through go-client in this
// process: over QGEN_BENCH_FOLDER with QGEN_BENCH_POINTS points, which
// tests/bench/store.py made and compares with others, or over 5,000 of its own.
func BenchmarkStore(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	c, count := benchStore(b, rng)
	vector := randomVector(rng)
	filter := &qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewMatch("kind", "k3")}}
	query := &qdrant.QueryPoints{CollectionName: "chunks", Query: qdrant.NewQuery(vector...), WithPayload: qdrant.NewWithPayload(true)}
	narrowed := &qdrant.QueryPoints{CollectionName: "chunks", Query: query.Query, WithPayload: query.WithPayload, Filter: filter}
	all := &qdrant.ScrollPoints{CollectionName: "chunks", Limit: qdrant.PtrOf(uint32(count)), WithPayload: qdrant.NewWithPayload(false)}
	ask := func(q *qdrant.QueryPoints) func() error {
		return func() error { _, err := c.Query(b.Context(), q); return err }
	}
	batch := randomPoints(rng, uint64(count), 256)
	calls := []struct {
		name string
		call func() error
	}{
		{"top10", ask(query)},
		{"filtered", ask(narrowed)},
		{"scroll", func() error { _, err := c.Scroll(b.Context(), all); return err }},
		{"upsert", func() error {
			_, err := c.Upsert(b.Context(), &qdrant.UpsertPoints{CollectionName: "chunks", Points: batch})
			return err
		}},
	}
	for _, m := range calls {
		b.Run(m.name, func(b *testing.B) {
			if err := m.call(); err != nil { // what it loads does not count
				b.Fatal(err)
			}
			for b.Loop() {
				if err := m.call(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	ids := make([]*qdrant.PointId, len(batch))
	for i, p := range batch {
		ids[i] = p.Id
	}
	if _, err := c.Delete(b.Context(), &qdrant.DeletePoints{CollectionName: "chunks", Points: qdrant.NewPointsSelector(ids...)}); err != nil {
		b.Fatal(err)
	}
}

// benchStore opens the folder to measure, or fills one.
func benchStore(b *testing.B, rng *rand.Rand) (c *qdrant.Client, count int) {
	b.Helper()
	if path := os.Getenv("QGEN_BENCH_FOLDER"); path != "" {
		f, err := folder.Open(path, hclog.NewNullLogger())
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { f.Close() })
		count, _ = strconv.Atoi(os.Getenv("QGEN_BENCH_POINTS"))
		return connect(b, serve.New(f, nil)), count
	}
	_, f := emptyFolder(b)
	b.Cleanup(func() { f.Close() })
	c = connect(b, serve.New(f, nil))
	err := c.CreateCollection(b.Context(), &qdrant.CreateCollection{
		CollectionName: "chunks", VectorsConfig: qdrant.NewVectorsConfig(&qdrant.VectorParams{Size: 384, Distance: qdrant.Distance_Cosine}),
	})
	if err == nil {
		_, err = c.Upsert(b.Context(), &qdrant.UpsertPoints{CollectionName: "chunks", Points: randomPoints(rng, 0, 5000)})
	}
	if err != nil {
		b.Fatal(err)
	}
	return c, 5000
}

func randomVector(rng *rand.Rand) []float32 {
	v := make([]float32, 384)
	for i := range v {
		v[i] = float32(rng.NormFloat64())
	}
	return v
}

func randomPoints(rng *rand.Rand, from uint64, n int) []*qdrant.PointStruct {
	out := make([]*qdrant.PointStruct, n)
	for i := range out {
		out[i] = &qdrant.PointStruct{
			Id: qdrant.NewIDNum(from + uint64(i)), Vectors: qdrant.NewVectors(randomVector(rng)...),
			Payload: qdrant.NewValueMap(map[string]any{"kind": fmt.Sprintf("k%d", i%10), "text": fmt.Sprintf("%01000d", i)}),
		}
	}
	return out
}
