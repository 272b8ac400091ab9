package engine

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
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/store"
)

// ExportBatch writes what generate-all would ask into files for a batch API,
// instead of asking it. A question takes a round for each of its steps: after the
// replies of one are imported, the next export holds the next. When it holds
// nothing any more, generate-all with the same parameters finishes the questions
// from the reply cache, with all its gates.
func (e *Engine) ExportBatch(ctx context.Context, p api.ExportBatchParams) (*api.ExportBatchResult, error) {
	c, err := e.lm.Begin(ctx, "export-batch", p.Call, dispatcher.Batch, p.Budget)
	if err != nil {
		return nil, err
	}
	defer c.Cancel()
	job, err := e.newExporting(c, p)
	if err != nil {
		return nil, c.Fault(err)
	}
	if err := job.run(); err != nil {
		return nil, c.Fault(err)
	}
	job.result.Usage = c.Usage()
	return job.result, nil
}

// What OpenAI's Batch API takes in a file is 50,000 requests and 200 MB.
const (
	shardRequests = 50_000
	shardMB       = 190
)

// exporting is one export-batch under way.
type exporting struct {
	*generatingAll
	endpoint string // whose requests they are to be; "" the role's first
	shards   *shards
	result   *api.ExportBatchResult
}

func (e *Engine) newExporting(c *lm.Call, p api.ExportBatchParams) (*exporting, error) {
	if p.Batch == "" {
		return nil, &api.ParamError{Param: "batch", Expected: "the beginning of the files' names, e.g. round-1", Found: "none"}
	}
	if p.DryRun {
		return nil, &api.ParamError{Param: "dry_run", Expected: "none: export-batch asks no model", Found: "true"}
	}
	if p.Fresh {
		return nil, &api.ParamError{Param: "fresh", Expected: "none: a batch's replies are found in the reply cache", Found: "true"}
	}
	if err := e.needCache(); err != nil {
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
	if why := e.purposeOf(realPath(s.name(1)), fileKind{name: "requests"}); why != "" {
		return nil, &api.FileError{Path: s.prefix, Reason: "nothing is written there: it is " + why + "; name another place"}
	}
	if err := writable(s.prefix); err != nil {
		return nil, err
	}
	all := p.GenerateAllParams
	all.DryRun = true // nothing is asked, written or saved
	job, err := e.newGeneratingAll(c, all)
	if err != nil {
		return nil, err
	}
	// What the others search with is embedded when generate-all asks them.
	job.gates = slices.DeleteFunc(job.gates, func(g string) bool { return g == gate.RoundTrip || g == gate.Duplicate })
	job.underway = nil
	return &exporting{generatingAll: job, endpoint: p.Endpoint, shards: s, result: &api.ExportBatchResult{ProgramUsed: job.program.Used(), Files: []string{}, Failures: []api.Failure{}}}, nil
}

// needCache: batches live in it.
func (e *Engine) needCache() error {
	if e.cfg.Cache.Path != "" {
		return nil
	}
	return &api.ParamError{Param: "config cache.path", Expected: "a folder: a batch's replies are kept in the reply cache", Found: "the cache is off"}
}

func (j *exporting) run() (err error) {
	if err := j.openKnown(); err != nil {
		return err
	}
	if j.total, err = j.count(); err != nil {
		return err
	}
	err = j.work(j.chunk)
	names, requests, closing := j.shards.close(err == nil)
	j.result.Files, j.result.Requests = names, requests
	j.result.Warnings = j.warnings()
	j.call.Progress("export", j.seen, j.seen, "")
	return errors.Join(err, closing)
}

// replyBytes is what a reply of one of our prompts takes in the cache, about.
const replyBytes = 400

// warnings: what the cache drops is paid for, and asked again by the next round.
func (j *exporting) warnings() []string {
	replies := (j.result.Waiting + j.result.Ready) * (len(j.program.Program.Predictors) + len(j.gates))
	if need, has := replies*replyBytes>>20+1, j.engine.cfg.Cache.MaxMB; need > has {
		return []string{fmt.Sprintf("the reply cache keeps %d MB (cache.max_mb), and the replies of these questions need about %d: what it drops is lost, so raise it or take slices", has, need)}
	}
	return []string{}
}

// chunk goes through a chunk's questions up to the first whose replies are missing:
// the next are to differ from it.
func (j *exporting) chunk(p store.Chunk) error {
	persona := &chosenPersona{}
	var had earlier
	units := j.units(p)
	for i, u := range units {
		if !u.needed {
			j.tell(1, func(r *api.ExportBatchResult) { r.Done++ })
			had.add(u.finished.query, u.finished.chosen())
			continue
		}
		rest := len(units) - i
		d, err := j.known(u, persona, had)
		switch {
		case errors.Is(err, dispatcher.ErrNotCached):
			j.tell(rest, func(r *api.ExportBatchResult) { r.Waiting += rest })
			return nil
		case err != nil && j.call.Stops(err):
			return err
		case err != nil:
			j.tell(rest, func(r *api.ExportBatchResult) {
				r.Failed += rest
				r.Failures = withFailure(r.Failures, u, err)
			})
			return nil
		}
		j.tell(1, func(r *api.ExportBatchResult) { r.Ready++ })
		had.add(d.Query, chosenOf(d.Prediction))
	}
	return nil
}

// known is the question as far as replies are known; what is missing is exported.
func (j *exporting) known(u unit, persona *chosenPersona, had earlier) (draw, error) {
	if reason := j.useless(u.chunk); reason != "" {
		return draw{rejected: reason}, nil
	}
	if err := j.choose(persona, u); err != nil || persona.skip {
		return draw{}, err
	}
	one := j.alone()
	one.call.Ctx = dispatcher.Collect(one.call.Ctx, j.endpoint, j.shards.take)
	return one.best(wanted{chunk: u.chunk, id: u.chunkID, persona: persona.description, avoid: had.asked, plan: program.Plan{Type: u.kind, Taken: had.taken}})
}

func (j *exporting) tell(questions int, change func(*api.ExportBatchResult)) {
	j.advance("export", questions, func() { change(j.result) }, func(time.Duration, int) string { return "" })
}
