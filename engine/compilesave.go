package engine

import (
	"io"
	"os"
	"path/filepath"
	"time"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/gold"
	"qgen-sidecar/engine/optimize"
	"qgen-sidecar/engine/programs"
	"qgen-sidecar/internal/atomicfile"
)

// save replaces the program and its run file, which says what it was trained on.
// Both are on disk before either is renamed, so that a full disk changes nothing.
// Two files cannot be renamed at once: the run file gets a name of its own first
// (pendingRunPath), under which readRun finds it as long as the last step is
// missing.
func (j *compiling) save(output string, r optimize.Result) error {
	if err := j.engine.mayWriteProgram(output); err != nil {
		return err
	}
	saved, err := r.Best.Program.Encode()
	if err != nil {
		return programs.Fault(output, err)
	}
	unlock, err := files.Lock(j.call.Ctx, runPath(output)+".lock") // two compiles at once would mix their files
	if err != nil {
		return err
	}
	defer unlock()
	run := j.runFile(output, r)
	pending := pendingRunPath(output)
	err = atomicfile.ReplaceAll(
		atomicfile.File{Path: pending, Perm: 0o644, Write: run.encode},
		atomicfile.File{Path: output, Perm: 0o644, Write: func(w io.Writer) error { _, err := w.Write(saved); return err }},
	)
	if err == nil {
		err = os.Rename(pending, atomicfile.Resolve(runPath(output)))
	}
	if err == nil {
		err = atomicfile.SyncDir(filepath.Dir(pending))
	}
	if err != nil {
		return files.Fault(output, err)
	}
	return nil
}

// mayWriteProgram is mayWrite of a program and of what is written with it.
func (e *Engine) mayWriteProgram(output string) error {
	for _, f := range []struct {
		path string
		kind fileKind
	}{{output, kindProgram}, {runPath(output), kindRun}, {pendingRunPath(output), kindRun}} {
		if err := e.mayWrite(f.path, f.kind); err != nil {
			return err
		}
	}
	return nil
}

func (j *compiling) runFile(output string, r optimize.Result) *runFile {
	run := &runFile{Version: j.engine.opts.Version, CreatedAt: time.Now().UTC().Truncate(time.Second), Partial: r.Partial,
		Program: runProgram{Path: output, Hash: r.Best.Program.Hash()}, Start: runProgram{Path: j.start.Path, Hash: j.start.Hash},
		Gold: runGold{Path: j.goldPath, SHA256: fileHash(j.gold), Entries: len(j.gold)}, Split: j.split, Counts: j.counts(),
		Entries: j.entries(), Optimizer: j.settings, Metric: j.scorer.Metric, Threshold: j.scorer.Threshold,
		Models: runModels(j.engine.cfg), Best: r.Best.Candidate, BestScore: r.Best.Score, Tried: []runCandidate{},
		Usage: j.call.Usage(), ElapsedS: time.Since(j.call.Start).Seconds(), Warnings: append(append([]string{}, j.warnings...), r.Warnings...)}
	for _, candidate := range r.Candidates {
		tried := runCandidate{Candidate: candidate, Scores: candidate.Scores}
		if candidate.Program != nil {
			tried.ProgramHash = candidate.Program.Hash()
		}
		run.Tried = append(run.Tried, tried)
	}
	return run
}

// fileHash is over the entries as they stood in the file.
func fileHash(entries []gold.Entry) string {
	raw := make([]string, len(entries))
	for i, g := range entries {
		raw[i] = string(g.Raw)
	}
	return files.Hash(raw...)
}

func (j *compiling) entries() []runEntry {
	entries := make([]runEntry, len(j.gold))
	mark := func(part string, indices []int) {
		for _, i := range indices {
			entries[i] = runEntry{Index: i, ID: j.gold[i].ID(), Part: part}
		}
	}
	mark(api.PartTest, j.test)
	mark(api.PartDev, j.dev)
	mark(api.PartTrain, j.train)
	return entries
}
