package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/gate"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/store"
	"qgen-sidecar/internal/parallel"
	"qgen-sidecar/qdrantlock"
)

// A question finds its chunk when a search with its vector, through the
// application's own index, gives that chunk, or a near twin of it: redundant
// corpora hold the same text twice, and finding the other copy is no failure
// (RARE, arXiv 2604.19047).

// roundTrip searches the chunks with every question that names its chunk. Where
// that cannot be done the figure is null and a warning says why.
func (j *Job) roundTrip(ctx context.Context) error {
	var with []int
	for i, q := range j.questions {
		if _, ok := store.ParseID(q.ChunkID); ok {
			with = append(with, i)
		}
	}
	switch {
	case len(with) == 0:
		return j.noRoundTrip("no question names its chunk's point (chunk_id)")
	case j.Config.Store == nil:
		return j.noRoundTrip("no [store] is configured")
	case !j.Models.CanEmbed():
		return j.noRoundTrip("neither the host's embed nor [lm.embed] is there to embed with")
	}
	if left := len(j.questions) - len(with); left > 0 {
		j.result.Warnings = append(j.result.Warnings, fmt.Sprintf("%d questions without a chunk_id are not in round_trip", left))
	}
	// Before anything is paid for: is the store to be had?
	var locked *qdrantlock.LockedError
	if err := j.Store.Ready(ctx); errors.As(err, &locked) {
		return j.noRoundTrip(locked.Error())
	} else if err != nil {
		return err
	}
	vectors, err := j.embed(ctx, with)
	if err != nil {
		return err
	}
	ranks, err := j.search(ctx, with, vectors)
	if err != nil {
		return err
	}
	for k, i := range with {
		j.vectors[i], j.ranks[i] = vectors[k], ranks[k]
		if ranks[k] == 0 {
			j.flag(i, gate.RoundTrip, fmt.Sprintf("does not find its chunk among the nearest %d", store.RoundTripDepth))
		}
	}
	j.result.RoundTrip = roundTripOf(ranks)
	j.dark(with)
	return nil
}

// dark lists the chunks that none of their questions finds, in the order of the
// questions.
func (j *Job) dark(with []int) {
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

func (j *Job) embed(ctx context.Context, with []int) ([][]float32, error) {
	vectors := make([][]float32, 0, len(with))
	for part := range slices.Chunk(with, embedTogether) {
		texts := make([]string, len(part))
		for k, i := range part {
			texts[k] = j.questions[i].Query
		}
		got, err := j.Models.Embed(ctx, j.call, texts, lm.ForQuery)
		if err != nil {
			return nil, err
		}
		vectors = append(vectors, got...)
		j.call.Progress("embed", len(vectors), len(with)+1, "")
	}
	return vectors, nil
}

// search searches with each question's vector for its chunk.
func (j *Job) search(ctx context.Context, with []int, vectors [][]float32) ([]int, error) {
	ranker, err := j.Store.Ranker(ctx, len(vectors[0]))
	if err != nil {
		return nil, err
	}
	ranks := make([]int, len(with))
	var done atomic.Int64
	tasks := make([]func() error, len(with))
	for k, i := range with {
		tasks[k] = func() (err error) {
			chunk, _ := store.ParseID(j.questions[i].ChunkID)
			ranks[k], err = ranker.Rank(ctx, chunk, vectors[k], store.RoundTripDepth)
			j.call.Progress("round-trip", int(done.Add(1)), len(with)+1, "")
			return err
		}
	}
	return ranks, parallel.Do(ctx, lm.AtOnce, tasks)
}

func (j *Job) noRoundTrip(why string) error {
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
