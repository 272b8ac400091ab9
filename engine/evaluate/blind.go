package evaluate

import (
	"context"
	"math/rand/v2"
	"sync/atomic"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/gold"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/internal/parallel"
)

// BlindOutputs are questions that both the unoptimised program and the program
// write for the test entries, then the dev entries, shuffled: what a person
// scores to find out how far the judge can be trusted. Train entries stand in
// the prompts and are left out, unless there are no others. Two programs that write the same give one.
func (ev *Evaluator) BlindOutputs(ctx context.Context, p api.BlindParams) ([]api.BlindOutput, error) {
	ctx, call, err := ev.Models.Begin(ctx, "annotate", api.Call{}, dispatcher.Batch, nil)
	if err != nil {
		return nil, err
	}
	defer call.End()
	j := &Job{Evaluator: ev, call: call, method: "annotate"}
	if err := j.sides(api.EvaluateParams{Program: p.Program}); err != nil {
		return nil, call.Fault(ctx, err)
	}
	sides := []*side{j.baseline, j.better}
	if j.better.Hash == j.baseline.Hash {
		sides = sides[:1]
	}
	if j.entries, err = j.unseen((p.Count + len(sides) - 1) / len(sides)); err != nil {
		return nil, call.Fault(ctx, err)
	}
	outputs, err := j.blind(ctx, sides)
	rng := rand.New(rand.NewPCG(p.Seed, 0))
	rng.Shuffle(len(outputs), func(i, k int) { outputs[i], outputs[k] = outputs[k], outputs[i] })
	if p.Count > 0 {
		outputs = outputs[:min(len(outputs), p.Count)]
	}
	return outputs, call.Fault(ctx, err)
}

// unseen are the test entries, and dev entries as far as count asks for more;
// 0 asks for all.
func (j *Job) unseen(count int) ([]gold.Entry, error) {
	entries, err := gold.ReadSome(j.Gold.Path())
	if err != nil {
		return nil, err
	}
	parts, err := j.parts(entries)
	if err != nil {
		return nil, err
	}
	out := chosen(entries, parts, api.PartTest)
	for _, g := range chosen(entries, parts, api.PartDev) {
		if count == 0 || len(out) < count {
			out = append(out, g)
		}
	}
	if len(out) == 0 {
		return entries, nil // all of it was trained on: better than nothing
	}
	return out, nil
}

// blind asks the programs. A question that could not be written is left out.
func (j *Job) blind(ctx context.Context, sides []*side) ([]api.BlindOutput, error) {
	for _, s := range sides {
		var err error
		if s.model, err = j.Models.ModelOf(j.call, "task", s.role); err != nil {
			return nil, err
		}
	}
	found := make([]*api.BlindOutput, len(j.entries)*len(sides))
	var done atomic.Int64
	finished := func() { j.call.Progress("outputs", int(done.Add(1)), len(found), "") }
	var tasks []func() error
	for i, g := range j.entries {
		for k, s := range sides {
			tasks = append(tasks, func() error {
				defer finished()
				prediction, err := s.predict(ctx, g, gold.Inputs(g.Values()))
				if err != nil && j.call.Stops(ctx, err) {
					return err
				}
				if err == nil {
					o := newBlindOutput(g, prediction.Query)
					found[i*len(sides)+k] = &o
				}
				return nil
			})
		}
	}
	if err := parallel.Do(ctx, lm.AtOnce, tasks); err != nil {
		return nil, err
	}
	var out []api.BlindOutput
	seen := map[string]bool{}
	for _, o := range found {
		if o != nil && !seen[o.ID] {
			seen[o.ID] = true
			out = append(out, *o)
		}
	}
	return out, nil
}

func newBlindOutput(g gold.Entry, query string) api.BlindOutput {
	return api.BlindOutput{ID: files.Hash(g.ChunkText, g.PersonaDescription, g.GoldQuestion, query), ChunkText: g.ChunkText,
		PersonaDescription: g.PersonaDescription, GoldQuestion: g.GoldQuestion, Query: query}
}
