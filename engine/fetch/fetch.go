package fetch

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"unicode/utf8"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/outputs"
	"qgen-sidecar/engine/store"
	"qgen-sidecar/internal/jsonvalue"
	"qgen-sidecar/internal/seeded"
)

// Fetcher draws samples. Its fields are the rooms that it stands on. Safe for
// concurrent use.
type Fetcher struct {
	Models  *lm.Models
	Store   *store.Store
	Outputs *outputs.Guard
}

// Fetch draws a uniform sample of a collection's chunks, without replacement,
// over all ids that match the filter.
//
// The ids are put into the client's order and shuffled by the seed (internal/seeded);
// the sample is the first `count` of that permutation that have a text of
// min_chars or more. So the same seed on the same data gives the same sample in
// the same order, and a larger count begins with the smaller one's.
func (f *Fetcher) Fetch(ctx context.Context, p api.FetchParams) (*api.FetchResult, error) {
	ctx, call, err := f.Models.Begin(ctx, "fetch", api.Call{}, 0, nil)
	if err != nil {
		return nil, err
	}
	defer call.End()
	j, err := f.newJob(p)
	if err != nil {
		return nil, err
	}
	ids, err := f.Store.IDs(ctx, j.collection, j.filter, func(n int) { call.Progress("ids", 0, j.count, "") })
	if err != nil {
		return nil, call.Fault(ctx, err)
	}
	store.SortIDs(ids)
	j.total = len(ids)
	if err := f.draw(ctx, call, j, seeded.NewShuffler(ids, j.seed)); err != nil {
		return nil, call.Fault(ctx, err)
	}
	return f.result(j, p)
}

// Job is one fetch under way.
type Job struct {
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

func (f *Fetcher) newJob(p api.FetchParams) (*Job, error) {
	j := &Job{collection: f.Store.Collection(p.Collection), minChars: p.MinChars, fields: p.Fields}
	var err error
	if j.count, err = api.IntParam("count", p.Count, 200, 1, api.AnyNumber); err != nil {
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
	if j.filter, err = store.ParseFilter(p.Filter); err != nil {
		return nil, err
	}
	if p.Output != "" {
		if err := f.Outputs.MayWrite(files.Abs(p.Output), chunksKind(p.Fields)); err != nil {
			return nil, err
		}
	}
	if p.Seed != nil {
		j.seed = *p.Seed
	} else {
		j.seed = seeded.Draw()
	}
	return j, nil
}

// draw takes from the permutation until the sample is full or nothing is left.
// Points are read in batches a little larger than what is still missing.
func (f *Fetcher) draw(ctx context.Context, call *lm.Call, j *Job, order *seeded.Shuffler[store.ID]) error {
	goal := min(j.count, j.total)
	for len(j.chunks) < j.count {
		batch := order.Take(min(256, j.count-len(j.chunks)+16))
		if len(batch) == 0 {
			break
		}
		found, err := f.Store.Chunks(ctx, j.collection, batch)
		if err != nil {
			return err
		}
		for _, id := range batch {
			if len(j.chunks) < j.count {
				j.consider(id, found[id])
			}
		}
		call.Progress("sample", min(len(j.chunks), goal), goal, "")
	}
	done := len(j.chunks)
	call.Progress("sample", done, done, "")
	return nil
}

// consider takes a point into the sample, or counts it as without text. (One
// that was deleted meanwhile has none.)
func (j *Job) consider(id store.ID, chunk store.Chunk) {
	if !chunk.HasText() || utf8.RuneCountInString(chunk.Own) < j.minChars {
		j.withoutText++
		return
	}
	sampled := sampledChunk{id: id.Value(), text: chunk.Text, names: j.fields}
	for _, name := range j.fields {
		sampled.values = append(sampled.values, chunk.Field(name))
	}
	j.chunks = append(j.chunks, sampled)
}

func (f *Fetcher) result(j *Job, p api.FetchParams) (*api.FetchResult, error) {
	r := &api.FetchResult{Collection: j.collection, Total: j.total, Count: len(j.chunks), WithoutText: j.withoutText, Seed: j.seed}
	if p.Output == "" {
		r.Chunks = make([]map[string]any, len(j.chunks))
		for i, c := range j.chunks {
			r.Chunks[i] = c.object()
		}
		return r, nil
	}
	output := files.Abs(p.Output)
	r.Output = &output
	return r, f.Outputs.Replace(output, chunksKind(p.Fields), func(w io.Writer) error {
		for _, c := range j.chunks {
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

// KindName names the kind of fetch's output, whatever fields it was asked for.
const KindName = "chunks, as fetch writes them"

// chunksKind are the lines of a fetch with these fields. Lines of other files have
// an id and a text as well; they are told by what else they hold.
func chunksKind(fields []string) outputs.Kind {
	return outputs.Lines(KindName, func(line []byte) string {
		var keys map[string]json.RawMessage
		if json.Unmarshal(line, &keys) != nil || keys["chunk_id"] == nil || keys["chunk_text"] == nil {
			return outputs.QuotedLine(line)
		}
		for _, other := range []string{"id", "query", "gold_question", "program_hash", "score"} {
			if keys[other] != nil && !slices.Contains(fields, other) {
				return "a line with the key " + other
			}
		}
		return ""
	})
}
