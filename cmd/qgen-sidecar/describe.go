package main

import (
	"context"
	"slices"
	"sort"

	"github.com/hashicorp/go-hclog"
	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// samplePoints are looked at per collection.
const samplePoints = 50

// collection is what `init` learns of one.
type collection struct {
	Name    string
	Points  uint64
	Vectors []string       // names, "" the unnamed one
	Texts   map[string]int // dotted payload key of strings: mean length in characters
}

// describe looks at every collection of a store that can be read.
func describe(ctx context.Context, client *qdrant.Client, log hclog.Logger) ([]collection, error) {
	names, err := client.ListCollections(ctx)
	if err != nil {
		return nil, err
	}
	sort.Strings(names)
	var out []collection
	for _, name := range names {
		c, err := describeOne(ctx, client, name)
		if status.Code(err) == codes.Internal {
			log.Warn("a collection cannot be read and is left out", "collection", name, "error", err)
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func describeOne(ctx context.Context, client *qdrant.Client, name string) (collection, error) {
	c := collection{Name: name, Texts: map[string]int{}}
	info, err := client.GetCollectionInfo(ctx, name)
	if err != nil {
		return c, err
	}
	c.Vectors = vectorNames(info)
	exact := false
	if c.Points, err = client.Count(ctx, &qdrant.CountPoints{CollectionName: name, Exact: &exact}); err != nil {
		return c, err
	}
	limit := uint32(samplePoints)
	points, err := client.Scroll(ctx, &qdrant.ScrollPoints{CollectionName: name, Limit: &limit, WithPayload: qdrant.NewWithPayload(true)})
	if err != nil {
		return c, err
	}
	for _, p := range points {
		for key, v := range p.GetPayload() {
			addTexts(c.Texts, key, v)
		}
	}
	for key := range c.Texts {
		c.Texts[key] /= len(points)
	}
	return c, nil
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

func vectorNames(info *qdrant.CollectionInfo) []string {
	cfg := info.GetConfig().GetParams().GetVectorsConfig()
	if cfg.GetParams() != nil {
		return []string{""}
	}
	var names []string
	for name := range cfg.GetParamsMap().GetMap() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// longest is the payload key with the longest strings, "" without any.
func (c collection) longest() string {
	best := ""
	for key, n := range c.Texts {
		if n > c.Texts[best] || n == c.Texts[best] && (best == "" || key < best) {
			best = key
		}
	}
	return best
}

// has returns the first of the keys that the collection's payload has.
func (c collection) has(keys ...string) string {
	for _, k := range keys {
		if _, ok := c.Texts[k]; ok {
			return k
		}
	}
	return ""
}
