package runfile

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
	"qgen-sidecar/internal/jsonvalue"
)

// Run is what stands beside a compiled program: enough to repeat the run,
// and which entry was in which part. DSPy drops unknown keys when it saves a
// program again, hence a file of its own.
type Run struct {
	Version   string            `json:"version,omitempty"` // of the sidecar
	CreatedAt time.Time         `json:"created_at"`
	Partial   bool              `json:"partial,omitempty"` // the budget ended the run early
	Program   Program           `json:"program"`
	Start     Program           `json:"start"`
	Gold      Gold              `json:"gold"`
	Split     api.Split         `json:"split"`
	Counts    api.SplitCounts   `json:"split_counts"`
	Entries   []Entry           `json:"entries"`
	Optimizer optimize.Settings `json:"optimizer"`
	Metric    api.Metric        `json:"metric"`
	Threshold float64           `json:"threshold"`
	Models    map[string]Model  `json:"models"`
	Best      int               `json:"best"`
	BestScore *float64          `json:"best_score"`
	Tried     []Candidate       `json:"candidates"`
	Usage     api.Usage         `json:"usage"`
	ElapsedS  float64           `json:"elapsed_s"`
	Warnings  []string          `json:"warnings"`
}

// Program names a program by its file, "" the unoptimised one, and its hash.
type Program struct {
	Path string `json:"path,omitempty"`
	Hash string `json:"hash"`
}

// Gold names the gold set by its file and the SHA-256 of its entries.
type Gold struct {
	Path    string `json:"path"`
	SHA256  string `json:"sha256"`
	Entries int    `json:"entries"`
}

// Entry says where one gold entry was. ID is the hex SHA-256 of chunk_text
// and gold_question, each followed by a zero byte.
type Entry struct {
	Index int    `json:"index"`
	ID    string `json:"id"`
	Part  string `json:"split"`
}

// Model is a role's model and settings.
type Model struct {
	Model       string   `json:"model"`
	Temperature *float64 `json:"temperature,omitempty"`
	MaxTokens   int      `json:"max_tokens,omitempty"`
	Layout      string   `json:"layout,omitempty"`
	// Instructions are the judge's own, "" the default wording.
	Instructions string `json:"instructions,omitempty"`
}

// Candidate has one score per dev entry, in the order of the dev part; null
// was not asked or failed.
type Candidate struct {
	optimize.Candidate
	ProgramHash string            `json:"program_hash,omitempty"`
	Scores      []*optimize.Score `json:"scores"`
}

// Path is the run file's place: optimized_pipeline.json gives
// optimized_pipeline.run.json, another name gives <name>.run.json.
func Path(program string) string {
	return strings.TrimSuffix(program, ".json") + ".run.json"
}

// PendingPath is where a run file lies from just before its program is
// replaced until just after; only a crash leaves it there.
func PendingPath(program string) string { return atomicfile.Resolve(Path(program)) + ".new" }

// Read reads the run file of the program of that hash, beside it; nil when
// there is none. A file named <program>.json.run.json is found too. One that a
// crash kept from its place is the program's only if it names its hash.
func Read(program, hash string) (*Run, error) {
	for _, path := range []string{PendingPath(program), Path(program), program + ".run.json"} {
		run, err := readFile(path)
		pending := path == PendingPath(program)
		if run == nil && err == nil || pending && (err != nil || run.Program.Hash != hash) {
			continue
		}
		return run, err
	}
	return nil, nil
}

// readFile is nil when there is none.
func readFile(path string) (*Run, error) {
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, &api.FileError{Path: path, Reason: "cannot be read: " + files.Reason(err), Err: err}
	}
	run := &Run{}
	if err := json.Unmarshal(data, run); err != nil {
		return nil, &api.FileError{Path: path, Reason: "expected a run file as compile writes it: " + jsonvalue.Fault(err)}
	}
	return run, nil
}

// Encode writes the file, indented so that people and diffs can read it.
func (r *Run) Encode(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(r)
}

// PartOf maps entry ids to the part they were in.
func (r *Run) PartOf() map[string]string {
	parts := make(map[string]string, len(r.Entries))
	for _, e := range r.Entries {
		parts[e.ID] = e.Part
	}
	return parts
}

// ModelsOf are the roles of a config as the file has them.
func ModelsOf(cfg *config.Config) map[string]Model {
	out := map[string]Model{}
	for _, name := range []string{"task", "teacher", "judge"} {
		r, _ := cfg.Role(name)
		out[name] = Model{Model: r.Model, Temperature: r.Temperature, MaxTokens: r.MaxTokens, Layout: r.Layout, Instructions: r.Instructions}
	}
	return out
}
