// Package structure measures the module's packages: files, lines, and the largest cycle
// of files. It is for a maintainer's eyes (make structure) and for the test that keeps the
// rooms small.
//
// An arrow runs from one file of a package to another when an identifier in the first is
// declared in the second: a type, a function, a variable, a method or a field. Files that
// reach each other along arrows are a cycle (a strongly connected component, found by R.
// Tarjan's algorithm, SIAM J. Comput. 1, 1972): none of them can be read, or moved,
// without the others. Tests are left out.
package structure

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Package is one package of the module, measured.
type Package struct {
	Path  string // within the module: "engine/store"
	Files int
	Lines int
	Cycle []string // the files of the largest cycle, in order; nil without one
	// Arrows of the largest cycle: from a file to another, with the names that make them.
	Arrows []Arrow
}

// Arrow is one file's use of another of the same package.
type Arrow struct {
	From, To string
	Names    []string
}

type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	Module                  *struct {
		Main bool
		Path string
	}
}

// Measure measures the packages that patterns name, as the go command reads them, of
// the module in dir.
func Measure(dir string, patterns ...string) ([]Package, error) {
	args := append([]string{"list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,Module"}, patterns...)
	list := exec.Command("go", args...)
	list.Dir = dir
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	exports := map[string]string{}
	var own []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		exports[p.ImportPath] = p.Export
		if p.Module != nil && p.Module.Main {
			own = append(own, p)
		}
	}
	var all []Package
	for _, p := range own {
		measured, err := measure(p, exports)
		if err != nil {
			return nil, err
		}
		all = append(all, measured)
	}
	slices.SortFunc(all, func(a, b Package) int { return strings.Compare(a.Path, b.Path) })
	return all, nil
}

func measure(p listed, exports map[string]string) (Package, error) {
	out := Package{Path: strings.TrimPrefix(p.ImportPath, p.Module.Path+"/"), Files: len(p.GoFiles)}
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return out, err
		}
		files = append(files, file)
		out.Lines += set.File(file.Pos()).LineCount()
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(set, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})}
	checked, err := config.Check(p.ImportPath, set, files, info)
	if err != nil {
		return out, err
	}
	uses := arrows{}
	for id, object := range info.Uses {
		if object.Pkg() == checked {
			uses.add(filepath.Base(set.Position(id.Pos()).Filename), filepath.Base(set.Position(object.Pos()).Filename), object.Name())
		}
	}
	out.Cycle = uses.largestCycle()
	out.Arrows = uses.within(out.Cycle)
	return out, nil
}

// arrows are the names that one file uses of another.
type arrows map[string]map[string]map[string]bool

func (a arrows) add(from, to, name string) {
	if from == to {
		return
	}
	if a[from] == nil {
		a[from] = map[string]map[string]bool{}
	}
	if a[from][to] == nil {
		a[from][to] = map[string]bool{}
	}
	a[from][to][name] = true
}

func (a arrows) within(files []string) (out []Arrow) {
	for _, from := range files {
		for _, to := range slices.Sorted(maps.Keys(a[from])) {
			if slices.Contains(files, to) {
				out = append(out, Arrow{from, to, slices.Sorted(maps.Keys(a[from][to]))})
			}
		}
	}
	return out
}

// largestCycle is nil where no file reaches itself by way of another.
func (a arrows) largestCycle() (largest []string) {
	index, low, open := map[string]int{}, map[string]int{}, map[string]bool{}
	var stack []string
	var visit func(file string)
	visit = func(file string) {
		index[file] = len(index) + 1
		low[file] = index[file]
		stack, open[file] = append(stack, file), true
		for _, next := range slices.Sorted(maps.Keys(a[file])) {
			if index[next] == 0 {
				visit(next)
				low[file] = min(low[file], low[next])
			} else if open[next] {
				low[file] = min(low[file], index[next])
			}
		}
		if low[file] != index[file] {
			return
		}
		at := slices.Index(stack, file)
		cycle := slices.Sorted(slices.Values(stack[at:]))
		for _, f := range cycle {
			open[f] = false
		}
		stack = stack[:at]
		if len(cycle) > max(1, len(largest)) {
			largest = cycle
		}
	}
	for _, file := range slices.Sorted(maps.Keys(a)) {
		if index[file] == 0 {
			visit(file)
		}
	}
	return largest
}
