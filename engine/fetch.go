package engine

import (
	"context"
	"io"
	"slices"
	"unicode/utf8"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/store"
	"qgen-sidecar/internal/jsonvalue"
)

// Fetch draws a uniform sample of a collection's chunks, without replacement,
// over all ids that match the filter.
//
// The ids are put into the client's order and shuffled by the seed (seeded.go);
// the sample is the first `count` of that permutation that have a text of
// min_chars or more. So the same seed on the same data gives the same sample in
// the same order, and a larger count begins with the smaller one's.
func (e *Engine) Fetch(ctx context.Context, p api.FetchParams) (*api.FetchResult, error) {
	c, err := e.lm.Begin(ctx, "fetch", api.Call{}, 0, nil)
	if err != nil {
		return nil, err
	}
	defer c.Cancel()
	s, err := e.newSampling(p)
	if err != nil {
		return nil, err
	}
	ids, err := e.store.IDs(c.Ctx, s.collection, s.filter, func(n int) { c.Progress("ids", 0, s.count, "") })
	if err != nil {
		return nil, c.Fault(err)
	}
	store.SortIDs(ids)
	s.total = len(ids)
	if err := e.draw(c, s, newShuffler(ids, s.seed)); err != nil {
		return nil, c.Fault(err)
	}
	return e.sampled(s, p)
}

// sampling is one fetch under way.
type sampling struct {
	collection  string
	filter      store.Filter
	count       int
	seed        int64
	minChars    int
	fields      []string
	total       int
	withoutText int
	chunks      []sampledChunk
}

// sampledChunk keeps the order of its line: id, text, fields as asked.
type sampledChunk struct {
	id     any
	text   string
	names  []string
	values []any
}

func (e *Engine) newSampling(p api.FetchParams) (*sampling, error) {
	s := &sampling{collection: e.store.Collection(p.Collection), minChars: p.MinChars, fields: p.Fields}
	var err error
	if s.count, err = api.IntParam("count", p.Count, 200, 1, api.AnyNumber); err != nil {
		return nil, err
	}
	if _, err = api.IntParam("min_chars", &p.MinChars, 0, 0, api.AnyNumber); err != nil {
		return nil, err
	}
	for _, own := range []string{"chunk_id", "chunk_text"} {
		if slices.Contains(p.Fields, own) {
			return nil, &api.ParamError{Param: "fields", Expected: "payload keys other than chunk_id and chunk_text, which every line has", Found: own}
		}
	}
	if s.filter, err = store.ParseFilter(p.Filter); err != nil {
		return nil, err
	}
	if p.Output != "" {
		if err := e.mayWrite(files.Abs(p.Output), kindChunks(p.Fields)); err != nil {
			return nil, err
		}
	}
	if p.Seed != nil {
		s.seed = *p.Seed
	} else {
		s.seed = drawSeed()
	}
	return s, nil
}

// draw takes from the permutation until the sample is full or nothing is left.
// Points are read in batches a little larger than what is still missing.
func (e *Engine) draw(c *lm.Call, s *sampling, order *shuffler[store.ID]) error {
	goal := min(s.count, s.total)
	for len(s.chunks) < s.count {
		batch := order.take(min(256, s.count-len(s.chunks)+16))
		if len(batch) == 0 {
			break
		}
		found, err := e.store.Chunks(c.Ctx, s.collection, batch)
		if err != nil {
			return err
		}
		for _, id := range batch {
			if len(s.chunks) < s.count {
				s.consider(id, found[id])
			}
		}
		c.Progress("sample", min(len(s.chunks), goal), goal, "")
	}
	done := len(s.chunks)
	c.Progress("sample", done, done, "")
	return nil
}

// consider takes a point into the sample, or counts it as without text. (One
// that was deleted meanwhile has none.)
func (s *sampling) consider(id store.ID, chunk store.Chunk) {
	if !chunk.HasText() || utf8.RuneCountInString(chunk.Own) < s.minChars {
		s.withoutText++
		return
	}
	sampled := sampledChunk{id: id.Value(), text: chunk.Text, names: s.fields}
	for _, name := range s.fields {
		sampled.values = append(sampled.values, chunk.Field(name))
	}
	s.chunks = append(s.chunks, sampled)
}

func (e *Engine) sampled(s *sampling, p api.FetchParams) (*api.FetchResult, error) {
	r := &api.FetchResult{Collection: s.collection, Total: s.total, Count: len(s.chunks), WithoutText: s.withoutText, Seed: s.seed}
	if p.Output == "" {
		r.Chunks = make([]map[string]any, len(s.chunks))
		for i, c := range s.chunks {
			r.Chunks[i] = c.object()
		}
		return r, nil
	}
	output := files.Abs(p.Output)
	r.Output = &output
	return r, e.replaceOwn(output, kindChunks(p.Fields), func(w io.Writer) error {
		for _, c := range s.chunks {
			line, err := c.line()
			if err != nil {
				return err
			}
			if _, err := w.Write(line); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c sampledChunk) object() map[string]any {
	m := map[string]any{"chunk_id": c.id, "chunk_text": c.text}
	for i, name := range c.names {
		m[name] = c.values[i]
	}
	return m
}

// line is the chunk as a line of JSON with its keys in order.
func (c sampledChunk) line() ([]byte, error) {
	o := jsonvalue.NewObject()
	o.Set("chunk_id", c.id)
	o.Set("chunk_text", c.text)
	for i, name := range c.names {
		o.Set(name, c.values[i])
	}
	line, err := jsonvalue.Marshal(o)
	return append(line, '\n'), err
}
