package generate

import (
	"context"
	"sync"
	"time"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/store"
	"qgen-sidecar/internal/parallel"
)

// asker is who asks the questions of a walk: generate-all, or export-batch. It is
// called from many goroutines.
type asker interface {
	// noText is told of a chunk that has no text, and so no question.
	noText(questions int)
	// finishedBefore is told of a question that an earlier call finished.
	finishedBefore(q question)
	// asking is the context that a question's calls run with.
	asking(ctx context.Context) context.Context
	// rejected and accepted are told what became of a question. An error is a fault
	// of the question.
	rejected(q question, d draw) error
	accepted(ctx context.Context, q question, persona string, d draw, paid func() api.Usage) error
	// failed is told of a fault, and how many questions of the chunk it leaves open.
	failed(q question, open int, err error)
}

// count is how many questions there will be to look at; with slices a guess.
func (j *Job) count(ctx context.Context) (int, error) {
	n, err := j.rooms.Store.CountChunks(ctx, j.walk)
	return n * j.perChunk, err
}

// each has the asker ask of many chunks at once. The group's limit holds the reader
// back, so that no more than a page of chunks waits in memory. One fault that stops
// the job stops the calls under way.
func (j *Job) each(ctx context.Context, a asker) error {
	group, ctx := parallel.NewGroup(ctx, lm.AtOnce)
	err := j.rooms.Store.EachChunk(ctx, j.walk, func(c store.Chunk) error {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		group.Go(func() error { return j.chunk(ctx, a, c) })
		return nil
	})
	if waited := group.Wait(); waited != nil {
		return waited
	}
	return err
}

// chunk asks a chunk's questions one after another, each knowing the earlier
// ones, those that were refused too: it would be the same question otherwise. The
// types and formats are planned to differ. A fault of one ends the chunk; only
// what stops the job is returned.
func (j *Job) chunk(ctx context.Context, a asker, c store.Chunk) error {
	questions := j.questions(c)
	if questions == nil {
		a.noText(j.perChunk)
		return nil
	}
	who := &chosenPersona{}
	var had earlier
	for i, q := range questions {
		if !q.needed {
			a.finishedBefore(q)
			had.add(q.finished.query, q.finished.chosen())
			continue
		}
		d, err := j.ask(ctx, a, q, who, had)
		if err != nil && j.call.Stops(ctx, err) {
			return err
		}
		if err != nil {
			a.failed(q, len(questions)-i, err)
			return nil
		}
		had.add(d.Query, program.Chosen{Type: d.QueryType, Format: d.QueryFormat})
	}
	return nil
}

// ask gives the question that was accepted or refused; a draw without one when
// none was asked.
func (j *Job) ask(ctx context.Context, a asker, q question, who *chosenPersona, had earlier) (draw, error) {
	d := draw{rejected: j.useless(q.chunk)}
	if d.rejected != "" {
		return d, a.rejected(q, d)
	}
	if err := j.choose(ctx, who, q); err != nil {
		return d, err
	}
	if who.skip {
		d.rejected = hostSkipped
		return d, a.rejected(q, d)
	}
	ctx, paid := lm.Apart(a.asking(ctx))
	d, err := j.best(ctx, wanted{chunk: q.chunk, id: q.chunkID, persona: who.description, avoid: had.asked,
		plan: program.Plan{Type: q.kind, Taken: had.taken}, underway: j.underway})
	if err != nil {
		return d, err
	}
	if d.rejected != "" {
		return d, a.rejected(q, d)
	}
	err = a.accepted(ctx, q, who.description, d, paid)
	d.settle(err == nil)
	return d, err
}

// chosenPersona is chosen once a chunk.
type chosenPersona struct {
	known, skip bool
	description string
}

func (j *Job) choose(ctx context.Context, who *chosenPersona, q question) error {
	if who.known {
		return nil
	}
	description, skip, err := j.rooms.Personas.For(ctx, j.call, nil, q.chunk, q.chunkID)
	if err == nil {
		*who = chosenPersona{known: true, skip: skip, description: description}
	}
	return err
}

// looked counts the questions that a walk has looked at, and reports.
type looked struct {
	stage  string
	start  time.Time
	report func(stage string, done, total int, message string)

	mu          sync.Mutex
	seen, total int
}

func lookingAt(call *lm.Call, stage string) looked {
	return looked{stage: stage, start: call.Start, report: call.Progress}
}

// advance counts questions and changes what is counted with them; line is what is
// said of it. The total is reached only at the end.
func (l *looked) advance(questions int, change func(), line func(elapsed time.Duration, left int) string) {
	l.mu.Lock()
	change()
	l.seen += questions
	done, total := l.seen, max(l.total, l.seen+1)
	text := line(time.Since(l.start), total-l.seen)
	l.mu.Unlock()
	l.report(l.stage, done, total, text)
}

func (l *looked) end() { l.report(l.stage, l.seen, l.seen, "") }

// failuresListed bounds the list in a result; all failures are counted.
const failuresListed = 1000

// withFailure adds to a list that is bounded.
func withFailure(list []api.Failure, q question, err error) []api.Failure {
	if len(list) == failuresListed {
		return list
	}
	return append(list, api.Failure{ChunkID: q.chunkID.Value(), Error: err.Error()})
}
