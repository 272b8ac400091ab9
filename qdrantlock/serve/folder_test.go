package serve_test

import (
	"fmt"
	"math/rand/v2"
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

// BenchmarkFolder measures the calls that hosts make, over 5,000 × 384.
func BenchmarkFolder(b *testing.B) {
	_, f := emptyFolder(b)
	b.Cleanup(func() { f.Close() })
	c := connect(b, serve.New(f, nil))
	err := c.CreateCollection(b.Context(), &qdrant.CreateCollection{
		CollectionName: "c", VectorsConfig: qdrant.NewVectorsConfig(&qdrant.VectorParams{Size: 384, Distance: qdrant.Distance_Cosine}),
	})
	if err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	fill(b, c, rng, 5000)
	vector := randomVector(rng)
	filter := &qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewMatch("kind", "k3")}}
	b.Run("top10", func(b *testing.B) {
		for b.Loop() {
			if _, err := c.Query(b.Context(), &qdrant.QueryPoints{CollectionName: "c", Query: qdrant.NewQuery(vector...)}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("top10-filter", func(b *testing.B) {
		for b.Loop() {
			if _, err := c.Query(b.Context(), &qdrant.QueryPoints{CollectionName: "c", Query: qdrant.NewQuery(vector...), Filter: filter}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("scroll-ids", func(b *testing.B) {
		for b.Loop() {
			if _, err := c.Scroll(b.Context(), &qdrant.ScrollPoints{CollectionName: "c", Limit: qdrant.PtrOf(uint32(5000)), WithPayload: qdrant.NewWithPayload(false)}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("upsert256", func(b *testing.B) {
		for b.Loop() {
			fill(b, c, rng, 256)
		}
	})
}

func randomVector(rng *rand.Rand) []float32 {
	v := make([]float32, 384)
	for i := range v {
		v[i] = float32(rng.NormFloat64())
	}
	return v
}

func fill(b *testing.B, c *qdrant.Client, rng *rand.Rand, n int) {
	b.Helper()
	var batch []*qdrant.PointStruct
	for id := range n {
		batch = append(batch, &qdrant.PointStruct{
			Id: qdrant.NewIDNum(uint64(id)), Vectors: qdrant.NewVectors(randomVector(rng)...),
			Payload: qdrant.NewValueMap(map[string]any{"kind": fmt.Sprintf("k%d", id%10), "text": fmt.Sprintf("%01000d", id)}),
		})
		if len(batch) == 256 || id == n-1 {
			if _, err := c.Upsert(b.Context(), &qdrant.UpsertPoints{CollectionName: "c", Points: batch}); err != nil {
				b.Fatal(err)
			}
			batch = nil
		}
	}
}
