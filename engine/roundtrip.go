package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/internal/parallel"
	"qgen-sidecar/qdrantlock"
)

// A question finds its chunk when a search with its vector, through the
// application's own index, gives that chunk, or a near twin of it: redundant
// corpora hold the same text twice, and finding the other copy is no failure
// (RARE, arXiv 2604.19047).

// roundTripDepth is how far a question's own chunk is looked for.
const roundTripDepth = 10

// roundTrip searches the chunks with every question that names its chunk. Where
// that cannot be done the figure is null and a warning says why.
func (j *checking) roundTrip() error {
	var with []int
	for i, q := range j.questions {
		if _, ok := pointID(q.ChunkID); ok {
			with = append(with, i)
		}
	}
	switch {
	case len(with) == 0:
		return j.noRoundTrip("no question names its chunk's point (chunk_id)")
	case j.engine.cfg.Store == nil:
		return j.noRoundTrip("no [store] is configured")
	case !j.engine.lm.CanEmbed():
		return j.noRoundTrip("neither the host's embed nor [lm.embed] is there to embed with")
	}
	if left := len(j.questions) - len(with); left > 0 {
		j.result.Warnings = append(j.result.Warnings, fmt.Sprintf("%d questions without a chunk_id are not in round_trip", left))
	}
	// Before anything is paid for: is the store to be had?
	var locked *qdrantlock.LockedError
	if _, err := j.engine.client(j.call.Ctx); errors.As(err, &locked) {
		return j.noRoundTrip(locked.Error())
	} else if err != nil {
		return err
	}
	vectors, err := j.embed(with)
	if err != nil {
		return err
	}
	ranks, err := j.search(with, vectors)
	if err != nil {
		return err
	}
	for k, i := range with {
		j.vectors[i], j.ranks[i] = vectors[k], ranks[k]
		if ranks[k] == 0 {
			j.flag(i, gateRoundTrip, fmt.Sprintf("does not find its chunk among the nearest %d", roundTripDepth))
		}
	}
	j.result.RoundTrip = roundTripOf(ranks)
	j.dark(with)
	return nil
}

// dark lists the chunks that none of their questions finds, in the order of the
// questions.
func (j *checking) dark(with []int) {
	found := map[string]bool{}
	for _, i := range with {
		id := j.questions[i].ChunkID.String()
		found[id] = found[id] || j.ranks[i] > 0
	}
	for _, i := range with {
		id := j.questions[i].ChunkID
		if !found[id.String()] {
			found[id.String()] = true // once
			j.result.DarkChunks = append(j.result.DarkChunks, id.Value())
		}
	}
}

// embedTogether is how many questions go into one embedding call.
const embedTogether = 64

func (j *checking) embed(with []int) ([][]float32, error) {
	vectors := make([][]float32, 0, len(with))
	for part := range slices.Chunk(with, embedTogether) {
		texts := make([]string, len(part))
		for k, i := range part {
			texts[k] = j.questions[i].Query
		}
		got, err := j.engine.lm.Embed(j.call, texts, lm.ForQuery)
		if err != nil {
			return nil, err
		}
		vectors = append(vectors, got...)
		j.call.Progress("embed", len(vectors), len(with)+1, "")
	}
	return vectors, nil
}

// search searches with each question's vector for its chunk.
func (j *checking) search(with []int, vectors [][]float32) ([]int, error) {
	using, err := j.engine.vectorFor(j.call.Ctx, j.engine.collection(""), len(vectors[0]))
	if err != nil {
		return nil, err
	}
	ranks := make([]int, len(with))
	var done atomic.Int64
	tasks := make([]func() error, len(with))
	for k, i := range with {
		tasks[k] = func() (err error) {
			chunk, _ := pointID(j.questions[i].ChunkID)
			ranks[k], err = j.engine.roundTripRank(j.call.Ctx, chunk, using, vectors[k], roundTripDepth)
			j.call.Progress("round-trip", int(done.Add(1)), len(with)+1, "")
			return err
		}
	}
	return ranks, parallel.Do(j.call.Ctx, examplesAtOnce, tasks)
}

func (j *checking) noRoundTrip(why string) error {
	j.result.Warnings = append(j.result.Warnings, "round_trip was not measured: "+why)
	return nil
}

// roundTripOf gives the share of questions whose chunk is among the first k, and
// the mean reciprocal rank, all 0…1; a rank of 0 was not found.
func roundTripOf(ranks []int) *api.RoundTrip {
	rt := &api.RoundTrip{}
	for _, rank := range ranks {
		if rank == 0 {
			continue
		}
		rt.MRR += 1 / float64(rank)
		for k, at := range map[int]*float64{1: &rt.At1, 5: &rt.At5, 10: &rt.At10} {
			if rank <= k {
				*at++
			}
		}
	}
	n := float64(len(ranks))
	rt.At1, rt.At5, rt.At10, rt.MRR = rt.At1/n, rt.At5/n, rt.At10/n, rt.MRR/n
	return rt
}

// roundTripRank is the place of a chunk, or of a near twin, in a search with its
// question's vector, counted from 1; 0 when neither is among the first k.
func (e *Engine) roundTripRank(ctx context.Context, chunk *qdrant.PointId, using string, question []float32, k int) (int, error) {
	hits, err := e.searchVectors(ctx, e.collection(""), using, question, k)
	if err != nil || len(hits) == 0 {
		return 0, err
	}
	own := len(hits)
	for i, hit := range hits {
		if idKey(hit.GetId()) == idKey(chunk) {
			own = i
			break
		}
	}
	if own == 0 {
		return 1, nil
	}
	twin, err := e.twinAmong(ctx, chunk, using, hits[:own])
	switch {
	case err != nil:
		return 0, err
	case twin > 0:
		return twin, nil
	case own < len(hits):
		return own + 1, nil
	}
	return 0, nil
}

// twinAmong is the place of the first hit that is a near twin of the chunk.
func (e *Engine) twinAmong(ctx context.Context, chunk *qdrant.PointId, using string, hits []*qdrant.ScoredPoint) (int, error) {
	own, err := e.pointVector(ctx, e.collection(""), chunk, using)
	if err != nil {
		return 0, err
	}
	for i, hit := range hits {
		if lm.Cosine(own, denseOf(hit.GetVectors(), using)) >= e.cfg.Quality.TwinCosine {
			return i + 1, nil
		}
	}
	return 0, nil
}

// pointVector is a point's vector of that name; nil when either is not there.
func (e *Engine) pointVector(ctx context.Context, collection string, id *qdrant.PointId, using string) ([]float32, error) {
	client, err := e.client(ctx)
	if err != nil {
		return nil, err
	}
	points, err := client.Get(ctx, &qdrant.GetPoints{CollectionName: collection, Ids: []*qdrant.PointId{id}, WithVectors: withVector(using)})
	if err != nil || len(points) == 0 {
		return nil, e.storeFault(ctx, collection, err)
	}
	return denseOf(points[0].GetVectors(), using), nil
}

// searchVectors is search with the hits' vectors in the place of their payloads.
func (e *Engine) searchVectors(ctx context.Context, collection, using string, v []float32, limit int) ([]*qdrant.ScoredPoint, error) {
	client, err := e.client(ctx)
	if err != nil {
		return nil, err
	}
	n := uint64(limit)
	request := &qdrant.QueryPoints{CollectionName: collection, Query: qdrant.NewQueryDense(v), Limit: &n, WithVectors: withVector(using)}
	if using != "" {
		request.Using = &using
	}
	hits, err := client.Query(ctx, request)
	return hits, e.storeFault(ctx, collection, err)
}

func withVector(name string) *qdrant.WithVectorsSelector {
	if name == "" {
		return qdrant.NewWithVectors(true)
	}
	return qdrant.NewWithVectorsInclude(name)
}

// denseOf is the dense vector of that name, in the form of today or, as older
// servers answer, of yesterday.
func denseOf(v *qdrant.VectorsOutput, name string) []float32 {
	out := v.GetVector()
	if out == nil {
		out = v.GetVectors().GetVectors()[name]
	}
	if dense := out.GetDense(); dense != nil {
		return dense.GetData()
	}
	//lint:ignore SA1019 servers before 1.16 fill nothing else
	return out.GetData()
}
