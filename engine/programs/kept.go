package programs

import (
	"errors"
	"os"
	"path/filepath"

	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/program"
)

func (pc *Cache) keptPath(hash string) string {
	return pc.cfg.StatePath("programs", hash+".json")
}

// Keep keeps a copy, once. Where it cannot be kept, the log says so, and questions go on.
func (pc *Cache) Keep(l Loaded) {
	if _, kept := pc.kept.Load(l.Hash); kept {
		return
	}
	path := pc.keptPath(l.Hash)
	var err error
	if !files.Exists(path) {
		if err = os.MkdirAll(filepath.Dir(path), 0o755); err == nil {
			err = l.Program.Save(path)
		}
	}
	if err != nil {
		pc.log.Warn("the program could not be kept for later questions about what it wrote", "error", err)
		return
	}
	pc.kept.Store(l.Hash, true)
}

// WithHash is the program of that hash: the copy, or the one in use.
func (pc *Cache) WithHash(hash string) (Loaded, error) {
	for _, path := range []string{pc.keptPath(hash), pc.cfg.Files.Program} {
		if !files.Exists(path) {
			continue
		}
		p, err := program.Load(path, pc.Options())
		if err != nil {
			return Loaded{}, Fault(path, err)
		}
		if p.Hash() == hash {
			return Loaded{Program: p, Path: path, Hash: hash}, nil
		}
	}
	if start := pc.Unoptimised(); start.Hash == hash {
		return start, nil
	}
	return Loaded{}, errors.New("it is neither among the kept programs nor at files.program")
}
