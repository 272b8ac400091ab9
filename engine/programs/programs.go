package programs

import (
	"errors"
	"io/fs"
	"os"
	"sync"

	"github.com/hashicorp/go-hclog"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/program"
)

// Loaded is a program in use, and how results name it. The program is shared
// and must not be changed.
type Loaded struct {
	Program *program.Program
	Path    string // "" the unoptimised one
	Hash    string
}

func (l Loaded) Used() api.ProgramUsed {
	u := api.ProgramUsed{ProgramHash: l.Hash}
	if l.Path != "" {
		u.Program = &l.Path
	}
	return u
}

// Name is how reports call it.
func (l Loaded) Name() string {
	if l.Path == "" {
		return "unoptimised"
	}
	return l.Path
}

// Cache holds programs by path until their files change.
type Cache struct {
	cfg *config.Config
	log hclog.Logger

	mu    sync.Mutex
	stamp map[string]fs.FileInfo
	known map[string]Loaded

	first sync.Once
	start Loaded // the unoptimised program

	kept sync.Map // hashes of programs that this process has kept, see kept.go
}

// New reads nothing yet.
func New(cfg *config.Config, log hclog.Logger) *Cache {
	return &Cache{cfg: cfg, log: log}
}

// Load finds the program a reference means: the file named, or for an
// absent reference files.program if it exists, else the unoptimised one.
func (pc *Cache) Load(ref api.ProgramRef) (Loaded, error) {
	path := ref.Path
	switch {
	case ref.Given && path == "":
		return pc.Unoptimised(), nil
	case !ref.Given && !files.Exists(pc.cfg.Files.Program):
		return pc.Unoptimised(), nil
	case !ref.Given:
		path = pc.cfg.Files.Program
	}
	return pc.loadFile(files.Abs(path))
}

// Unoptimised is made once: its prompts are rendered once, then.
func (pc *Cache) Unoptimised() Loaded {
	pc.first.Do(func() {
		p := program.New(pc.Options())
		pc.start = Loaded{Program: p, Hash: p.Hash()}
	})
	return pc.start
}

// loadFile reads a program once, and again when its file is another one: by
// identity, size or time of change. While a changed file cannot be read the
// call fails; the old program is not used in its stead.
func (pc *Cache) loadFile(path string) (Loaded, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Loaded{}, &api.FileError{Path: path, Reason: "the program cannot be read: " + files.Reason(err), Err: err}
	}
	pc.mu.Lock()
	defer pc.mu.Unlock()
	if files.Same(pc.stamp[path], info) {
		return pc.known[path], nil
	}
	p, err := program.Load(path, pc.Options())
	if err != nil {
		return Loaded{}, Fault(path, err)
	}
	if pc.known == nil {
		pc.known, pc.stamp = map[string]Loaded{}, map[string]fs.FileInfo{}
	}
	pc.known[path], pc.stamp[path] = Loaded{Program: p, Path: path, Hash: p.Hash()}, info
	return pc.known[path], nil
}

// Fault gives every fault of a program's file one type, with the path.
func Fault(path string, err error) error {
	var bad *api.FileError
	if !errors.As(err, &bad) {
		return &api.FileError{Path: path, Reason: err.Error()}
	}
	return &api.FileError{Path: path, Line: bad.Line, At: bad.At, Reason: bad.Reason, Err: bad.Err}
}

// Template is what a role is first sent of a predictor, with the inputs' names in
// braces where the inputs go.
func Template(p *program.Predictor, role config.Role) []program.Message {
	in := program.Values{}
	for _, f := range p.Signature.Inputs {
		in[f.Name] = "{" + f.Name + "}"
	}
	if program.Layout(role.Layout) == program.LayoutJSON {
		return p.MessagesJSON(in)
	}
	return p.Messages(in)
}

// Options shape the unoptimised program.
func (pc *Cache) Options() program.Options {
	p := pc.cfg.Program
	return program.Options{AnalyzerInstructions: p.AnalyzerInstructions, GeneratorInstructions: p.GeneratorInstructions,
		QueryTypes: p.QueryTypes, QueryFormats: p.QueryFormats}
}

// Prompts are the messages of each predictor, with {names} for the inputs.
func (pc *Cache) Prompts(ref api.ProgramRef) (*api.PromptsResult, error) {
	l, err := pc.Load(ref)
	if err != nil {
		return nil, err
	}
	result := &api.PromptsResult{ProgramUsed: l.Used(), Predictors: []api.PredictorPrompt{}}
	for _, predictor := range l.Program.Predictors {
		prompt := api.PredictorPrompt{Name: predictor.Name}
		for _, m := range Template(predictor, pc.cfg.TaskRole()) {
			prompt.Messages = append(prompt.Messages, dispatcher.Message(m))
		}
		result.Predictors = append(result.Predictors, prompt)
	}
	return result, nil
}
