package engine

import (
	"os"
	"time"

	"qgen-sidecar/engine/optimize"
)

// save writes the program and then its run file. The run file of an older
// program at that place is gone by then: two files cannot be replaced at once,
// and an old split beside a new program would be wrong without a word.
func (j *compiling) save(output string, r optimize.Result) error {
	if err := os.Remove(runPath(output)); err != nil && !os.IsNotExist(err) {
		return &FileError{Path: runPath(output), Reason: "cannot be replaced: " + osReason(err)}
	}
	if err := r.Best.Program.Save(output); err != nil {
		return programFault(output, err)
	}
	return j.runFile(output, r).write(output)
}

func (j *compiling) runFile(output string, r optimize.Result) *runFile {
	run := &runFile{Version: j.engine.opts.Version, CreatedAt: time.Now().UTC().Truncate(time.Second), Partial: r.Partial,
		Program: runProgram{Path: output, Hash: r.Best.Program.Hash()}, Start: runProgram{Path: j.start.path, Hash: j.start.hash},
		Gold: runGold{Path: j.goldPath, SHA256: fileHash(j.gold), Entries: len(j.gold)}, Split: j.split, Counts: j.counts(),
		Entries: j.entries(), Optimizer: j.settings, Metric: j.scorer.metric, Threshold: j.scorer.threshold,
		Models: runModels(j.engine.cfg), Best: r.Best.Candidate, BestScore: r.Best.Score, Tried: []runCandidate{},
		Usage: j.call.usage(), ElapsedS: time.Since(j.call.start).Seconds(), Warnings: append(append([]string{}, j.warnings...), r.Warnings...)}
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
func fileHash(gold []goldEntry) string {
	raw := make([]string, len(gold))
	for i, g := range gold {
		raw[i] = string(g.raw)
	}
	return hashOf(raw...)
}

func (j *compiling) entries() []runEntry {
	entries := make([]runEntry, len(j.gold))
	mark := func(part string, indices []int) {
		for _, i := range indices {
			entries[i] = runEntry{Index: i, ID: j.gold[i].id(), Part: part}
		}
	}
	mark(partTest, j.test)
	mark(partDev, j.dev)
	mark(partTrain, j.train)
	return entries
}
