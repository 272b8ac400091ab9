package compile

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"time"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/gold"
	"qgen-sidecar/engine/optimize"
	"qgen-sidecar/engine/outputs"
	"qgen-sidecar/engine/programs"
	"qgen-sidecar/engine/runfile"
	"qgen-sidecar/internal/atomicfile"
)

// save replaces the program and its run file, which says what it was trained on.
// Both are on disk before either is renamed, so that a full disk changes nothing.
// Two files cannot be renamed at once: the run file gets a name of its own first
// ([runfile.PendingPath]), under which [runfile.Read] finds it as long as the last step is
// missing.
func (j *Job) save(ctx context.Context, output string, r optimize.Result) error {
	if err := j.mayWrite(output); err != nil {
		return err
	}
	saved, err := r.Best.Program.Encode()
	if err != nil {
		return programs.Fault(output, err)
	}
	unlock, err := files.Lock(ctx, runfile.Path(output)+".lock") // two compiles at once would mix their files
	if err != nil {
		return err
	}
	defer unlock()
	run := j.runFile(output, r)
	pending := runfile.PendingPath(output)
	err = atomicfile.ReplaceAll(
		atomicfile.File{Path: pending, Perm: 0o644, Write: run.Encode},
		atomicfile.File{Path: output, Perm: 0o644, Write: func(w io.Writer) error { _, err := w.Write(saved); return err }},
	)
	if err == nil {
		err = os.Rename(pending, atomicfile.Resolve(runfile.Path(output)))
	}
	if err == nil {
		err = atomicfile.SyncDir(filepath.Dir(pending))
	}
	if err != nil {
		return files.Fault(output, err)
	}
	return nil
}

// mayWrite finds out whether a program and what is written with it may stand there.
func (co *Compiler) mayWrite(output string) error {
	for _, f := range []struct {
		path string
		kind outputs.Kind
	}{{output, kindProgram}, {runfile.Path(output), kindRun}, {runfile.PendingPath(output), kindRun}} {
		if err := co.Outputs.MayWrite(f.path, f.kind); err != nil {
			return err
		}
	}
	return nil
}

func (j *Job) runFile(output string, r optimize.Result) *runfile.Run {
	run := &runfile.Run{Version: j.Version, CreatedAt: time.Now().UTC().Truncate(time.Second), Partial: r.Partial,
		Program: runfile.Program{Path: output, Hash: r.Best.Program.Hash()}, Start: runfile.Program{Path: j.start.Path, Hash: j.start.Hash},
		Gold: runfile.Gold{Path: j.goldPath, SHA256: gold.Digest(j.gold), Entries: len(j.gold)}, Split: j.split, Counts: j.counts(),
		Entries: j.entries(), Optimizer: j.settings, Metric: j.scorer.Metric, Threshold: j.scorer.Threshold,
		Models: runfile.ModelsOf(j.Config), Best: r.Best.Candidate, BestScore: r.Best.Score, Tried: []runfile.Candidate{},
		Usage: j.call.Usage(), ElapsedS: time.Since(j.call.Start).Seconds(), Warnings: append(append([]string{}, j.warnings...), r.Warnings...)}
	for _, candidate := range r.Candidates {
		tried := runfile.Candidate{Candidate: candidate, Scores: candidate.Scores}
		if candidate.Program != nil {
			tried.ProgramHash = candidate.Program.Hash()
		}
		run.Tried = append(run.Tried, tried)
	}
	return run
}

func (j *Job) entries() []runfile.Entry {
	entries := make([]runfile.Entry, len(j.gold))
	mark := func(part string, indices []int) {
		for _, i := range indices {
			entries[i] = runfile.Entry{Index: i, ID: j.gold[i].ID(), Part: part}
		}
	}
	mark(api.PartTest, j.test)
	mark(api.PartDev, j.dev)
	mark(api.PartTrain, j.train)
	return entries
}
