package structure_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"qgen-sidecar/internal/structure"
)

func TestCyclesAreFoundThroughMethodsAndFields(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":       "module m\n\ngo 1.26\n",
		"p/type.go":    "package p\n\ntype T struct{ n int }\n\nfunc New() T { return T{} }\n",
		"p/method.go":  "package p\n\nfunc (t T) Up() T { return helper(t) }\n",
		"p/helper.go":  "package p\n\nfunc helper(t T) T {\n\tif t.n > 0 {\n\t\treturn t\n\t}\n\treturn t.Up()\n}\n",
		"p/above.go":   "package p\n\nfunc Above() T { return New().Up() }\n",
		"p/p_test.go":  "package p\n\nvar _ = Above\n",
		"q/nothing.go": "package q\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := structure.Measure(dir, "./...")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Path != "p" || got[1].Path != "q" {
		t.Fatalf("packages %+v", got)
	}
	if p := got[0]; p.Files != 4 || p.Lines != 5+3+8+3 || !slices.Equal(p.Cycle, []string{"helper.go", "method.go"}) {
		t.Errorf("%d files, %d lines, cycle %v", p.Files, p.Lines, p.Cycle)
	}
	if q := got[1]; q.Files != 1 || q.Cycle != nil {
		t.Errorf("%+v", q)
	}
	want := structure.Arrow{From: "helper.go", To: "method.go", Names: []string{"Up"}}
	if a := got[0].Arrows; len(a) != 2 || a[0].From != want.From || a[0].To != want.To || !slices.Equal(a[0].Names, want.Names) {
		t.Errorf("arrows %+v", a)
	}
}
