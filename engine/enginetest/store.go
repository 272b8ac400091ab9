package enginetest

import (
	"context"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/internal/llmtest"
	"qgen-sidecar/qdrantlock"
)

// fillStore makes the folder that Python's client would have made: chunks with
// the model server's own embeddings.
func (w *World) fillStore(payloads []map[string]any, embed func(string) []float32) {
	w.T.Helper()
	if payloads == nil {
		payloads = EightChunks()
	}
	if embed == nil {
		embed = llmtest.Embed
	}
	w.Write("db/meta.json", `{"collections": {}, "aliases": {}}`)
	ctx := context.Background()
	store := w.openFolder(ctx)
	defer store.Close()
	size := uint64(len(embed("x")))
	if err := store.Client().CreateCollection(ctx, &qdrant.CreateCollection{CollectionName: "chunks",
		VectorsConfig: qdrant.NewVectorsConfig(&qdrant.VectorParams{Size: size, Distance: qdrant.Distance_Cosine})}); err != nil {
		w.T.Fatal(err)
	}
	var points []*qdrant.PointStruct
	for i, p := range payloads {
		text, _ := p["text"].(string)
		points = append(points, &qdrant.PointStruct{Id: qdrant.NewIDNum(uint64(i + 1)), Payload: qdrant.NewValueMap(p),
			Vectors: qdrant.NewVectorsDense(embed(text + " "))})
	}
	wait := true
	if _, err := store.Client().Upsert(ctx, &qdrant.UpsertPoints{CollectionName: "chunks", Wait: &wait, Points: points}); err != nil {
		w.T.Fatal(err)
	}
}

// openFolder opens the store as another program does.
func (w *World) openFolder(ctx context.Context) *qdrantlock.Store {
	w.T.Helper()
	store, err := qdrantlock.Open(ctx, qdrantlock.Config{Path: w.Path("db")})
	if err != nil {
		w.T.Fatal(err)
	}
	return store
}

// InStore reads a collection as another program would, with the engine closed.
func (w *World) InStore(collection string) []*qdrant.RetrievedPoint {
	w.T.Helper()
	w.Close()
	ctx := context.Background()
	store := w.openFolder(ctx)
	defer store.Close()
	limit := uint32(1000)
	points, err := store.Client().Scroll(ctx, &qdrant.ScrollPoints{CollectionName: collection, Limit: &limit,
		WithPayload: qdrant.NewWithPayload(true), WithVectors: qdrant.NewWithVectors(true)})
	if err != nil {
		w.T.Fatal(err)
	}
	return points
}

// Edit changes the store as another program would, while the engine is closed.
func (w *World) Edit(change func(ctx context.Context, c *qdrant.Client) error) {
	w.T.Helper()
	w.Close()
	ctx := context.Background()
	store := w.openFolder(ctx)
	defer store.Close()
	if err := change(ctx, store.Client()); err != nil {
		w.T.Fatal(err)
	}
}

// SetTexts is a change for [World.Edit]: it sets the texts of chunks by their ids; "" takes a chunk out.
func SetTexts(of map[uint64]string) func(ctx context.Context, c *qdrant.Client) error {
	return func(ctx context.Context, c *qdrant.Client) error {
		wait := true
		for id, text := range of {
			which := qdrant.NewPointsSelector(qdrant.NewIDNum(id))
			var err error
			if text == "" {
				_, err = c.Delete(ctx, &qdrant.DeletePoints{CollectionName: "chunks", Wait: &wait, Points: which})
			} else {
				_, err = c.SetPayload(ctx, &qdrant.SetPayloadPoints{CollectionName: "chunks", Wait: &wait, PointsSelector: which,
					Payload: qdrant.NewValueMap(map[string]any{"text": text})})
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
}
