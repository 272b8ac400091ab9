package engine

import (
	"encoding/json"
	"io"
	"os"
	"strings"
	"time"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/optimize"
	"qgen-sidecar/internal/atomicfile"
)

// runFile is what stands beside a compiled program: enough to repeat the run,
// and which entry was in which part. DSPy drops unknown keys when it saves a
// program again, hence a file of its own.
type runFile struct {
	Version   string              `json:"version,omitempty"` // of the sidecar
	CreatedAt time.Time           `json:"created_at"`
	Partial   bool                `json:"partial,omitempty"` // the budget ended the run early
	Program   runProgram          `json:"program"`
	Start     runProgram          `json:"start"`
	Gold      runGold             `json:"gold"`
	Split     api.Split           `json:"split"`
	Counts    api.SplitCounts     `json:"split_counts"`
	Entries   []runEntry          `json:"entries"`
	Optimizer optimize.Settings   `json:"optimizer"`
	Metric    api.Metric          `json:"metric"`
	Threshold float64             `json:"threshold"`
	Models    map[string]runModel `json:"models"`
	Best      int                 `json:"best"`
	BestScore *float64            `json:"best_score"`
	Tried     []runCandidate      `json:"candidates"`
	Usage     api.Usage           `json:"usage"`
	ElapsedS  float64             `json:"elapsed_s"`
	Warnings  []string            `json:"warnings"`
}

type runProgram struct {
	Path string `json:"path,omitempty"`
	Hash string `json:"hash"`
}

type runGold struct {
	Path    string `json:"path"`
	SHA256  string `json:"sha256"`
	Entries int    `json:"entries"`
}

// runEntry says where one gold entry was. ID is the hex SHA-256 of chunk_text
// and gold_question, each followed by a zero byte.
type runEntry struct {
	Index int    `json:"index"`
	ID    string `json:"id"`
	Part  string `json:"split"`
}

type runModel struct {
	Model       string   `json:"model"`
	Temperature *float64 `json:"temperature,omitempty"`
	MaxTokens   int      `json:"max_tokens,omitempty"`
	Layout      string   `json:"layout,omitempty"`
	// Instructions are the judge's own, "" the contract's wording.
	Instructions string `json:"instructions,omitempty"`
}

// runCandidate has one score per dev entry, in the order of the dev part; null
// was not asked or failed.
type runCandidate struct {
	optimize.Candidate
	ProgramHash string            `json:"program_hash,omitempty"`
	Scores      []*optimize.Score `json:"scores"`
}

// runPath is the run file's place: optimized_pipeline.json gives
// optimized_pipeline.run.json, another name gives <name>.run.json.
func runPath(program string) string {
	return strings.TrimSuffix(program, ".json") + ".run.json"
}

// pendingRunPath is where a run file lies from just before its program is
// replaced until just after; only a crash leaves it there.
func pendingRunPath(program string) string { return atomicfile.Resolve(runPath(program)) + ".new" }

// readRun reads the run file of the program of that hash, beside it; nil when
// there is none. A file named <program>.json.run.json is found too. One that a
// crash kept from its place is the program's only if it names its hash.
func readRun(program, hash string) (*runFile, error) {
	for _, path := range []string{pendingRunPath(program), runPath(program), program + ".run.json"} {
		run, err := readRunFile(path)
		pending := path == pendingRunPath(program)
		if run == nil && err == nil || pending && (err != nil || run.Program.Hash != hash) {
			continue
		}
		return run, err
	}
	return nil, nil
}

// readRunFile is nil when there is none.
func readRunFile(path string) (*runFile, error) {
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, &api.FileError{Path: path, Reason: "cannot be read: " + files.Reason(err)}
	}
	run := &runFile{}
	if err := json.Unmarshal(data, run); err != nil {
		return nil, &api.FileError{Path: path, Reason: "expected a run file as compile writes it: " + err.Error()}
	}
	return run, nil
}

func (r *runFile) encode(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(r)
}

// partOf maps entry ids to the part they were in.
func (r *runFile) partOf() map[string]string {
	parts := make(map[string]string, len(r.Entries))
	for _, e := range r.Entries {
		parts[e.ID] = e.Part
	}
	return parts
}

func runModels(cfg *config.Config) map[string]runModel {
	out := map[string]runModel{}
	for _, name := range []string{"task", "teacher", "judge"} {
		r, _ := cfg.Role(name)
		out[name] = runModel{Model: r.Model, Temperature: r.Temperature, MaxTokens: r.MaxTokens, Layout: r.Layout, Instructions: r.Instructions}
	}
	return out
}
