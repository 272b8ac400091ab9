package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every test that docs/reliability.md and docs/changing.md name is there.
func TestReliabilityNamesTests(t *testing.T) {
	var doc []byte
	for _, path := range []string{"../../docs/reliability.md", "../../docs/changing.md"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		doc = append(doc, text...)
	}
	known := goTests(t, "../..")
	named := 0
	for _, m := range regexp.MustCompile("`((?:Test|Fuzz)\\w+|[\\w/]+\\.py::\\w+)`").FindAllStringSubmatch(string(doc), -1) {
		named++
		file, function, python := strings.Cut(m[1], "::")
		switch {
		case !python && !slices.Contains(known, m[1]):
			t.Errorf("there is no Go test %s", m[1])
		case python:
			if text, err := os.ReadFile(filepath.Join("../..", file)); err != nil || !strings.Contains(string(text), "def "+function+"(") {
				t.Errorf("there is no test %s (%v)", m[1], err)
			}
		}
	}
	if named < 50 {
		t.Errorf("the document names %d tests, want 50 or more: is it read right?", named)
	}
}

// Every file of ours that docs/architecture.md and docs/changing.md name is there.
func TestDocsNameFiles(t *testing.T) {
	named := 0
	for _, path := range []string{"../../docs/architecture.md", "../../docs/changing.md"} {
		doc, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("`((?:cmd|rpc|engine|dispatcher|qdrantlock|internal|clients|tests)/[\\w./-]*\\w)`").FindAllStringSubmatch(string(doc), -1) {
			named++
			if _, err := os.Stat(filepath.Join("../..", m[1])); err != nil {
				t.Errorf("%s names %s, which is not there", path, m[1])
			}
		}
	}
	if named < 50 {
		t.Errorf("the documents name %d files, want 50 or more: are they read right?", named)
	}
}

func goTests(t *testing.T, root string) []string {
	t.Helper()
	var names []string
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != ".." {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, m := range declared.FindAllStringSubmatch(string(text), -1) {
			names = append(names, m[1])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
