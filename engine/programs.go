package engine

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"sync"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/program"
)

// loaded is a program in use, and how results name it. The program is shared
// and must not be changed.
type loaded struct {
	program *program.Program
	path    string // "" the unoptimised one
	hash    string
}

func (l loaded) used() api.ProgramUsed {
	u := api.ProgramUsed{ProgramHash: l.hash}
	if l.path != "" {
		u.Program = &l.path
	}
	return u
}

// name is how reports call it.
func (l loaded) name() string {
	if l.path == "" {
		return "unoptimised"
	}
	return l.path
}

// programCache holds programs by path until their files change.
type programCache struct {
	mu    sync.Mutex
	stamp map[string]fs.FileInfo
	known map[string]loaded

	first sync.Once
	start loaded // the unoptimised program
}

// loadProgram finds the program a reference means: the file named, or for an
// absent reference files.program if it exists, else the unoptimised one.
func (e *Engine) loadProgram(ref api.ProgramRef) (loaded, error) {
	path := ref.Path
	switch {
	case ref.Given && path == "":
		return e.unoptimised(), nil
	case !ref.Given && !files.Exists(e.cfg.Files.Program):
		return e.unoptimised(), nil
	case !ref.Given:
		path = e.cfg.Files.Program
	}
	return e.loadFile(files.Abs(path))
}

// unoptimised is made once: its prompts are rendered once, then.
func (e *Engine) unoptimised() loaded {
	e.programs.first.Do(func() {
		p := program.New(e.programOptions())
		e.programs.start = loaded{program: p, hash: p.Hash()}
	})
	return e.programs.start
}

// loadFile reads a program once, and again when its file is another one: by
// identity, size or time of change. While a changed file cannot be read the
// call fails; the old program is not used in its stead.
func (e *Engine) loadFile(path string) (loaded, error) {
	info, err := os.Stat(path)
	if err != nil {
		return loaded{}, &api.FileError{Path: path, Reason: "the program cannot be read: " + files.Reason(err)}
	}
	pc := &e.programs
	pc.mu.Lock()
	defer pc.mu.Unlock()
	if files.Same(pc.stamp[path], info) {
		return pc.known[path], nil
	}
	p, err := program.Load(path, e.programOptions())
	if err != nil {
		return loaded{}, programFault(path, err)
	}
	if pc.known == nil {
		pc.known, pc.stamp = map[string]loaded{}, map[string]fs.FileInfo{}
	}
	pc.known[path], pc.stamp[path] = loaded{program: p, path: path, hash: p.Hash()}, info
	return pc.known[path], nil
}

func programFault(path string, err error) error {
	var bad *program.FileError
	if !errors.As(err, &bad) {
		return &api.FileError{Path: path, Reason: err.Error()}
	}
	return &api.FileError{Path: path, Line: bad.Line, Reason: bad.Where() + bad.Reason}
}

// Prompts are the messages of each predictor, with {names} for the inputs.
func (e *Engine) Prompts(_ context.Context, p api.PromptsParams) (*api.PromptsResult, error) {
	l, err := e.loadProgram(p.Program)
	if err != nil {
		return nil, err
	}
	result := &api.PromptsResult{ProgramUsed: l.used(), Predictors: []api.PredictorPrompt{}}
	for _, predictor := range l.program.Predictors {
		result.Predictors = append(result.Predictors, api.PredictorPrompt{Name: predictor.Name, Messages: lm.Messages(template(predictor, e.cfg.TaskRole()))})
	}
	return result, nil
}

// template is what a role is first sent of a predictor, with the inputs' names in
// braces where the inputs go.
func template(p *program.Predictor, role config.Role) []program.Message {
	in := program.Values{}
	for _, f := range p.Signature.Inputs {
		in[f.Name] = "{" + f.Name + "}"
	}
	if program.Layout(role.Layout) == program.LayoutJSON {
		return p.MessagesJSON(in)
	}
	return p.Messages(in)
}
