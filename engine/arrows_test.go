package engine_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"qgen-sidecar/internal/structure"
)

// levels are the rooms from the ground up (docs/architecture.md). A room imports
// only what stands on a lower level.
var levels = [][]string{
	{"dispatcher/limits"},
	{"dispatcher/outcome"},
	{"dispatcher/schedule", "dispatcher/upstream"},
	{"dispatcher"},
	{"engine/program/signature", "engine/program/jsontext"},
	{"engine/program/reply"},
	{"engine/config", "engine/program", "engine/quality", "engine/optimize/pyrand", "engine/optimize/schedule"},
	{"engine/optimize", "engine/verdict", "engine/decisions", "engine/annotate/terminal", "engine/annotate/terminal/terminaltest"},
	{"engine/report", "engine/annotate", "engine/annotate/review", "engine/annotate/scoring"},
	{"engine/api"},
	{"engine/files", "engine/typemix"},
	{"engine/outputs", "engine/runfile"},
	{"engine/store", "engine/lm"},
	{"engine/programs", "engine/persona", "engine/gold", "engine/estimate"},
	{"engine/gate"},
	{"engine/metric"},
	{"engine/fetch", "engine/suggest", "engine/compile", "engine/evaluate", "engine/generate", "engine/check", "engine/why"},
	{"engine"},
	{"rpc/wire", "rpc/process", "rpc/reference"},
	{"rpc/stream"},
	{"rpc"},
	{"cmd/qgen-sidecar/goldfile", "cmd/qgen-sidecar/view"},
	{"cmd/qgen-sidecar"},
	{"engine/enginetest"}, // for tests: nobody imports it
}

// outside says which rooms, besides those under the given prefixes, may import what
// is not ours.
var outside = map[string][]string{
	"github.com/qdrant/go-client/qdrant":    {"qdrantlock", "engine/store", "engine/enginetest"},
	"github.com/sourcegraph/jsonrpc2":       {"rpc"},
	"github.com/sashabaranov/go-openai":     {"dispatcher/outcome", "dispatcher/upstream"},
	"qgen-sidecar/dispatcher/limits":        {"dispatcher"},
	"qgen-sidecar/dispatcher/outcome":       {"dispatcher"},
	"qgen-sidecar/dispatcher/schedule":      {"dispatcher"},
	"qgen-sidecar/dispatcher/upstream":      {"dispatcher"},
	"github.com/hashicorp/go-plugin":        {"rpc", "examples/go-host"},
	"qgen-sidecar/internal/llmtest":         {"internal/llmtest", "engine/enginetest"},
	"qgen-sidecar/qdrantlock/folder":        {"qdrantlock"},
	"qgen-sidecar/qdrantlock/serve":         {"qdrantlock"},
	"qgen-sidecar/qdrantlock/points":        {"qdrantlock", "engine/store"},
	"qgen-sidecar/engine/optimize/pyrand":   {"engine/optimize"},
	"qgen-sidecar/engine/program/jsontext":  {"engine/program"},
	"qgen-sidecar/engine/program/reply":     {"engine/program"},
	"qgen-sidecar/engine/optimize/schedule": {"engine/optimize"},
	"qgen-sidecar/engine/annotate/terminal": {"engine/annotate"},

	// An optimiser is given what it needs of this by its caller.
	"qgen-sidecar/dispatcher": {"engine", "engine/api", "engine/lm", "engine/report", "engine/persona", "engine/programs",
		"engine/suggest", "engine/compile", "engine/evaluate", "engine/generate", "engine/check", "rpc", "cmd/qgen-sidecar"},
}

type listed struct {
	ImportPath string
	Imports    []string
}

// packages are those of the module, without its tests.
func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "qgen-sidecar/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// room is a package of ours; ground says that it stands below all levels.
func room(path string) (name string, ground bool) {
	name = strings.TrimPrefix(path, "qgen-sidecar/")
	for _, prefix := range []string{"internal/", "qdrantlock"} {
		if strings.HasPrefix(name, prefix) {
			return name, true
		}
	}
	return name, false
}

func level(name string) int {
	return slices.IndexFunc(levels, func(rooms []string) bool { return slices.Contains(rooms, name) })
}

func TestArrowsRunDown(t *testing.T) {
	seen := 0
	for _, p := range packages(t) {
		from, ground := room(p.ImportPath)
		if strings.HasPrefix(from, "tests/") || strings.HasPrefix(from, "examples/") {
			continue
		}
		at := level(from)
		if at < 0 && !ground {
			t.Errorf("%s stands on no level: give it one here and a line in docs/architecture.md", from)
			continue
		}
		seen++
		for _, path := range p.Imports {
			if !strings.HasPrefix(path, "qgen-sidecar/") {
				continue
			}
			switch to, low := room(path); {
			case ground && !low:
				t.Errorf("%s imports %s, which stands above it", from, to)
			case strings.HasPrefix(from, "dispatcher") && strings.HasPrefix(to, "qdrantlock"):
				t.Errorf("%s imports %s: neither knows of the other", from, to)
			case !low && level(to) >= at:
				t.Errorf("%s (level %d) imports %s (level %d): move what both need into a lower room", from, at, to, level(to))
			}
		}
	}
	if seen < 30 {
		t.Fatalf("%d packages seen, expected the module's own", seen)
	}
}

func TestWhoImportsWhat(t *testing.T) {
	used := map[string]bool{}
	for _, p := range packages(t) {
		from, _ := room(p.ImportPath)
		if strings.HasPrefix(from, "tests/") {
			continue
		}
		for _, path := range p.Imports {
			allowed, ruled := outside[path]
			if !ruled {
				continue
			}
			used[path] = true
			if !slices.ContainsFunc(allowed, func(a string) bool {
				return from == a || a != "engine" && strings.HasPrefix(from, a+"/")
			}) {
				t.Errorf("%s imports %s; only these may: %s", from, path, strings.Join(allowed, ", "))
			}
		}
	}
	for path := range outside {
		if !used[path] {
			t.Errorf("nobody imports %s any more: take its rule out", path)
		}
	}
}

// Rooms stay small enough to be read as a whole: no files that can only be understood
// together are more than eight, and the engine's and the dispatcher's rooms have at most
// 25 files and 3,000 lines. (`make structure` prints the table.)
func TestRoomsStaySmall(t *testing.T) {
	packages, err := structure.Measure("..", "./...")
	if err != nil {
		t.Fatal(err)
	}
	if len(packages) < 50 {
		t.Fatalf("%d packages measured, expected the module's own", len(packages))
	}
	for _, p := range packages {
		if len(p.Cycle) > 8 {
			t.Errorf("%s: %d files form a cycle (%s): see what ties them with go run ./internal/structure/cmd/structure %s",
				p.Path, len(p.Cycle), strings.Join(p.Cycle, " "), p.Path)
		}
		ours := strings.HasPrefix(p.Path, "engine") || strings.HasPrefix(p.Path, "dispatcher")
		if ours && (p.Files > 25 || p.Lines > 3000) {
			t.Errorf("%s: %d files, %d lines; a room has at most 25 and 3,000", p.Path, p.Files, p.Lines)
		}
		if p.Path == "engine" && p.Lines > 500 {
			t.Errorf("engine: %d lines of wiring; what a method does belongs in a room of its own", p.Lines)
		}
	}
}
