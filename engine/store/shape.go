package store

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"qgen-sidecar/qdrantlock"
)

// ensureQuestions creates the collection if it is missing, and refuses vectors
// of another size with words instead of the store's.
func (st *Store) ensureQuestions(ctx context.Context, client *qdrant.Client, size int) error {
	shape := &st.questions
	shape.mu.Lock()
	defer shape.mu.Unlock()
	if shape.size == size {
		return nil
	}
	q := st.cfg.Store.Questions
	sizes, err := st.vectorSizes(ctx, q.Collection)
	if NoCollection(err) {
		if err := st.createQuestions(ctx, client, size); err != nil {
			return err
		}
		sizes, err = st.vectorSizes(ctx, q.Collection)
	}
	if err != nil {
		return err
	}
	has, ok := sizes[q.Vector]
	if !ok {
		return st.questionsFault(fmt.Sprintf("expected a vector named %q (store.questions.vector), found %s", q.Vector, vectorNames(sizes)))
	}
	if has != size {
		return st.questionsFault(fmt.Sprintf("expected vectors of %d numbers, found one of %d: the collection was made with another embedding model", has, size))
	}
	shape.size = size
	return nil
}

func (st *Store) createQuestions(ctx context.Context, client *qdrant.Client, size int) error {
	q := st.cfg.Store.Questions
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
		st.log.Info("collection created", "collection", q.Collection, "size", size, "distance", "Cosine")
	}
	return st.fault(ctx, q.Collection, err)
}

func (st *Store) questionsFault(reason string) error {
	s := st.cfg.Store
	return &qdrantlock.StoreError{Path: s.Path, URL: s.URL, Collection: s.Questions.Collection, Reason: reason}
}

// vectorSizes maps a collection's dense vectors to their sizes, "" the unnamed.
func (st *Store) vectorSizes(ctx context.Context, collection string) (map[string]int, error) {
	client, err := st.client(ctx)
	if err != nil {
		return nil, err
	}
	info, err := client.GetCollectionInfo(ctx, collection)
	if err != nil {
		return nil, st.fault(ctx, collection, err)
	}
	return sizesOf(info), nil
}

func sizesOf(info *qdrant.CollectionInfo) map[string]int {
	sizes := map[string]int{}
	config := info.GetConfig().GetParams().GetVectorsConfig()
	if p := config.GetParams(); p != nil {
		sizes[""] = int(p.GetSize())
	}
	for name, p := range config.GetParamsMap().GetMap() {
		sizes[name] = int(p.GetSize())
	}
	return sizes
}

// vectorFor is the vector of a collection that takes this many numbers: the
// unnamed one, else the first by name.
func (st *Store) vectorFor(ctx context.Context, collection string, size int) (string, error) {
	sizes, err := st.vectorSizes(ctx, collection)
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
	s := st.cfg.Store
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
