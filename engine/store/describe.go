package store

import (
	"context"
	"slices"
	"sort"

	"github.com/hashicorp/go-hclog"
	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"qgen-sidecar/qdrantlock"
)

// sampledPoints are looked at per collection.
const sampledPoints = 50

// Description is what can be learned of a collection by looking at it.
type Description struct {
	Name    string
	Points  uint64         // a guess on a server
	Vectors []string       // names, "" the unnamed one
	Texts   map[string]int // dotted payload key of strings: mean length in characters
}

// Describe opens a store that no config speaks of yet, looks at every collection and
// closes it again. A collection that cannot be read is logged and left out.
func Describe(ctx context.Context, cfg qdrantlock.Config, log hclog.Logger) ([]Description, error) {
	opened, err := qdrantlock.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	client := opened.Client()
	names, err := client.ListCollections(ctx)
	if err != nil {
		return nil, &qdrantlock.StoreError{Path: cfg.Path, URL: cfg.URL, Reason: statusMessage(err), Err: err}
	}
	sort.Strings(names)
	var out []Description
	for _, name := range names {
		d, err := describe(ctx, client, name)
		if status.Code(err) == codes.Internal {
			log.Warn("a collection cannot be read and is left out", "collection", name, "error", err)
			continue
		}
		if err != nil {
			return nil, &qdrantlock.StoreError{Path: cfg.Path, URL: cfg.URL, Collection: name, Reason: statusMessage(err), Err: err}
		}
		out = append(out, d)
	}
	return out, nil
}

func describe(ctx context.Context, client *qdrant.Client, name string) (Description, error) {
	d := Description{Name: name, Texts: map[string]int{}}
	info, err := client.GetCollectionInfo(ctx, name)
	if err != nil {
		return d, err
	}
	for vector := range sizesOf(info) {
		d.Vectors = append(d.Vectors, vector)
	}
	slices.Sort(d.Vectors)
	exact := false
	if d.Points, err = client.Count(ctx, &qdrant.CountPoints{CollectionName: name, Exact: &exact}); err != nil {
		return d, err
	}
	limit := uint32(sampledPoints)
	found, err := client.Scroll(ctx, &qdrant.ScrollPoints{CollectionName: name, Limit: &limit, WithPayload: qdrant.NewWithPayload(true)})
	if err != nil {
		return d, err
	}
	for _, p := range found {
		for key, v := range p.GetPayload() {
			addTexts(d.Texts, key, v)
		}
	}
	for key := range d.Texts {
		d.Texts[key] /= len(found)
	}
	return d, nil
}

// addTexts adds up the lengths of strings under their dotted keys.
func addTexts(texts map[string]int, key string, v *qdrant.Value) {
	switch v.GetKind().(type) {
	case *qdrant.Value_StringValue:
		texts[key] += len([]rune(v.GetStringValue()))
	case *qdrant.Value_StructValue:
		for name, inner := range v.GetStructValue().GetFields() {
			addTexts(texts, key+"."+name, inner)
		}
	}
}
