package engine

import (
	"errors"
	"os"
	"path/filepath"

	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/program"
)

// Programs that wrote saved questions are kept under their hash, so that it can be
// said years later what a question was asked with, whatever became of the file.

func (e *Engine) keptPath(hash string) string {
	return filepath.Join(filepath.Dir(e.cfg.Files.Program), ".qgen", "programs", hash+".json")
}

// keepProgram keeps a copy, once. That is no reason for a question to fail.
func (e *Engine) keepProgram(l loaded) {
	if _, kept := e.kept.Load(l.hash); kept {
		return
	}
	path := e.keptPath(l.hash)
	var err error
	if !files.Exists(path) {
		if err = os.MkdirAll(filepath.Dir(path), 0o755); err == nil {
			err = l.program.Save(path)
		}
	}
	if err != nil {
		e.log.Warn("the program could not be kept for later questions about what it wrote", "error", err)
		return
	}
	e.kept.Store(l.hash, true)
}

// programOf is the program of that hash: the copy, or the one in use.
func (e *Engine) programOf(hash string) (loaded, error) {
	for _, path := range []string{e.keptPath(hash), e.cfg.Files.Program} {
		if !files.Exists(path) {
			continue
		}
		p, err := program.Load(path, e.programOptions())
		if err != nil {
			return loaded{}, programFault(path, err)
		}
		if p.Hash() == hash {
			return loaded{program: p, path: path, hash: hash}, nil
		}
	}
	if start := e.unoptimised(); start.hash == hash {
		return start, nil
	}
	return loaded{}, errors.New("it is neither among the kept programs nor at files.program")
}
