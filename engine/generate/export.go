package generate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/gate"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/outputs"
)

// ExportBatch writes what generate-all would ask into files for a batch API,
// instead of asking it. A question takes a round for each of its steps: after the
// replies of one are imported, the next export holds the next. When it holds
// nothing any more, generate-all with the same parameters finishes the questions
// from the reply cache, with all its gates.
func (g *Generator) ExportBatch(ctx context.Context, p api.ExportBatchParams) (*api.ExportBatchResult, error) {
	ctx, call, err := g.Models.Begin(ctx, "export-batch", p.Call, dispatcher.Batch, p.Budget)
	if err != nil {
		return nil, err
	}
	defer call.End()
	x, err := g.newExport(call, p)
	if err != nil {
		return nil, call.Fault(ctx, err)
	}
	if err := x.run(ctx); err != nil {
		return nil, call.Fault(ctx, err)
	}
	x.result.Usage = call.Usage()
	return x.result, nil
}

// What OpenAI's Batch API takes in a file is 50,000 requests and 200 MB.
const (
	shardRequests = 50_000
	shardMB       = 190
)

// export is the asker of export-batch: it asks over the reply cache, and what is
// missing there goes into files.
type export struct {
	*Job
	looked
	endpoint string // whose requests they are to be; "" the role's first
	shards   *shards
	result   *api.ExportBatchResult
}

func (g *Generator) newExport(call *lm.Call, p api.ExportBatchParams) (*export, error) {
	s, err := g.newShards(p)
	if err != nil {
		return nil, err
	}
	job, err := g.newJob(call, p.GenerateAllParams)
	if err != nil {
		return nil, err
	}
	if err := job.load(p.GenerateAllParams); err != nil {
		return nil, err
	}
	// What the others search with is embedded when generate-all asks them.
	job.gates = slices.DeleteFunc(job.gates, func(g string) bool { return g == gate.RoundTrip || g == gate.Duplicate })
	return &export{Job: job, looked: lookingAt(call, "export"), endpoint: p.Endpoint, shards: s,
		result: &api.ExportBatchResult{ProgramUsed: job.program.Used(), Files: []string{}, Failures: []api.Failure{}}}, nil
}

// newShards checks what is said of the files.
func (g *Generator) newShards(p api.ExportBatchParams) (*shards, error) {
	if p.Batch == "" {
		return nil, &api.ParamError{Param: "batch", Expected: "the beginning of the files' names, e.g. round-1", Found: "none"}
	}
	if p.DryRun {
		return nil, &api.ParamError{Param: "dry_run", Expected: "none: export-batch asks no model", Found: "true"}
	}
	if p.Fresh {
		return nil, &api.ParamError{Param: "fresh", Expected: "none: a batch's replies are found in the reply cache", Found: "true"}
	}
	if err := g.needCache(); err != nil {
		return nil, err
	}
	s := &shards{prefix: files.Abs(p.Batch), seen: map[[16]byte]bool{}}
	requests, err := api.IntParam("max_requests", p.MaxRequests, shardRequests, 1, api.AnyNumber)
	if err != nil {
		return nil, err
	}
	mb, err := api.IntParam("max_mb", p.MaxMB, shardMB, 1, 100_000)
	if err != nil {
		return nil, err
	}
	s.mostRequests, s.mostBytes = requests, int64(mb)*1e6
	if err := s.taken(); err != nil {
		return nil, err
	}
	if err := g.Outputs.Free(s.prefix, s.name(1), "requests"); err != nil {
		return nil, err
	}
	return s, outputs.Writable(s.prefix)
}

// needCache: batches live in it.
func (g *Generator) needCache() error {
	if g.Config.Cache.Path != "" {
		return nil
	}
	return &api.ParamError{Param: "config cache.path", Expected: "a folder: a batch's replies are kept in the reply cache", Found: "the cache is off"}
}

func (x *export) run(ctx context.Context) (err error) {
	if err := x.recall(); err != nil {
		return err
	}
	if x.total, err = x.count(ctx); err != nil {
		return err
	}
	err = x.each(ctx, x)
	names, requests, closing := x.shards.close(err == nil)
	x.result.Files, x.result.Requests = names, requests
	x.result.Warnings = x.warnings()
	x.end()
	return errors.Join(err, closing)
}

// replyBytes is what a reply of one of our prompts takes in the cache, about.
const replyBytes = 400

// warnings: what the cache drops is paid for, and asked again by the next round.
func (x *export) warnings() []string {
	replies := (x.result.Waiting + x.result.Ready) * (len(x.program.Program.Predictors) + len(x.gates))
	if need, has := replies*replyBytes>>20+1, x.rooms.Config.Cache.MaxMB; need > has {
		return []string{fmt.Sprintf("the reply cache keeps %d MB (cache.max_mb), and the replies of these questions need about %d: what it drops is lost, so raise it or take slices", has, need)}
	}
	return []string{}
}

func (x *export) noText(int) {}

func (x *export) finishedBefore(question) {
	x.note(1, func(r *api.ExportBatchResult) { r.Done++ })
}

// asking: what the cache does not have is handed over instead of sent.
func (x *export) asking(ctx context.Context) context.Context {
	return dispatcher.Collect(ctx, x.endpoint, x.shards.add)
}

func (x *export) rejected(question, draw) error { return x.ready() }

func (x *export) accepted(context.Context, question, string, draw, func() api.Usage) error {
	return x.ready()
}

// ready counts a question whose replies are all known.
func (x *export) ready() error {
	x.note(1, func(r *api.ExportBatchResult) { r.Ready++ })
	return nil
}

// failed: where replies are missing, the questions of the chunk wait for them, the
// later ones too, as they are to differ from it.
func (x *export) failed(q question, open int, err error) {
	x.note(open, func(r *api.ExportBatchResult) {
		if errors.Is(err, dispatcher.ErrNotCached) {
			r.Waiting += open
			return
		}
		r.Failed += open
		r.Failures = withFailure(r.Failures, q, err)
	})
}

func (x *export) note(questions int, change func(*api.ExportBatchResult)) {
	x.advance(questions, func() { change(x.result) }, func(time.Duration, int) string { return "" })
}
