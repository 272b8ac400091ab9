package engine

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"sync"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"qgen-sidecar/qdrantlock"
)

// questionsShape remembers that the collection for questions is there and what
// vectors it takes.
type questionsShape struct {
	mu   sync.Mutex
	size int // 0: not looked at yet
}

// ensureQuestions creates the collection if it is missing, and refuses vectors
// of another size with words instead of the store's.
func (e *Engine) ensureQuestions(ctx context.Context, client *qdrant.Client, size int) error {
	shape := &e.questions
	shape.mu.Lock()
	defer shape.mu.Unlock()
	if shape.size == size {
		return nil
	}
	q := e.cfg.Store.Questions
	sizes, err := e.vectorSizes(ctx, q.Collection)
	if noCollection(err) {
		if err := e.createQuestions(ctx, client, size); err != nil {
			return err
		}
		sizes, err = e.vectorSizes(ctx, q.Collection)
	}
	if err != nil {
		return err
	}
	has, ok := sizes[q.Vector]
	if !ok {
		return e.questionsFault(fmt.Sprintf("expected a vector named %q (store.questions.vector), found %s", q.Vector, vectorNames(sizes)))
	}
	if has != size {
		return e.questionsFault(fmt.Sprintf("expected vectors of %d numbers, found one of %d: the collection was made with another embedding model", has, size))
	}
	shape.size = size
	return nil
}

func (e *Engine) createQuestions(ctx context.Context, client *qdrant.Client, size int) error {
	q := e.cfg.Store.Questions
	params := &qdrant.VectorParams{Size: uint64(size), Distance: qdrant.Distance_Cosine}
	vectors := qdrant.NewVectorsConfig(params)
	if q.Vector != "" {
		vectors = qdrant.NewVectorsConfigMap(map[string]*qdrant.VectorParams{q.Vector: params})
	}
	err := client.CreateCollection(ctx, &qdrant.CreateCollection{CollectionName: q.Collection, VectorsConfig: vectors})
	if status.Code(err) == codes.AlreadyExists { // another process was quicker
		return nil
	}
	if err == nil {
		e.log.Info("collection created", "collection", q.Collection, "size", size, "distance", "Cosine")
	}
	return e.storeFault(ctx, q.Collection, err)
}

func (e *Engine) questionsFault(reason string) error {
	s := e.cfg.Store
	return &qdrantlock.StoreError{Path: s.Path, URL: s.URL, Collection: s.Questions.Collection, Reason: reason}
}

// vectorSizes maps a collection's dense vectors to their sizes, "" the unnamed.
func (e *Engine) vectorSizes(ctx context.Context, collection string) (map[string]int, error) {
	client, err := e.client(ctx)
	if err != nil {
		return nil, err
	}
	info, err := client.GetCollectionInfo(ctx, collection)
	if err != nil {
		return nil, e.storeFault(ctx, collection, err)
	}
	sizes := map[string]int{}
	config := info.GetConfig().GetParams().GetVectorsConfig()
	if p := config.GetParams(); p != nil {
		sizes[""] = int(p.GetSize())
	}
	for name, p := range config.GetParamsMap().GetMap() {
		sizes[name] = int(p.GetSize())
	}
	return sizes, nil
}

// vectorFor is the vector of a collection that takes this many numbers: the
// unnamed one, else the first by name.
func (e *Engine) vectorFor(ctx context.Context, collection string, size int) (string, error) {
	sizes, err := e.vectorSizes(ctx, collection)
	if err != nil {
		return "", err
	}
	names := make([]string, 0, len(sizes))
	for name := range sizes {
		names = append(names, name)
	}
	sort.Strings(names) // "" first
	for _, name := range names {
		if sizes[name] == size {
			return name, nil
		}
	}
	s := e.cfg.Store
	return "", &qdrantlock.StoreError{Path: s.Path, URL: s.URL, Collection: collection,
		Reason: fmt.Sprintf("expected a vector of %d numbers, as the embedding model gives, found %s", size, vectorNames(sizes))}
}

func vectorNames(sizes map[string]int) string {
	var parts []string
	for name, size := range sizes {
		if name == "" {
			name = "the unnamed one"
		}
		parts = append(parts, fmt.Sprintf("%s (%d)", name, size))
	}
	if len(parts) == 0 {
		return "no dense vector"
	}
	sort.Strings(parts)
	return strings.Join(parts, ", ")
}
