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

// Every test that docs/reliability.md names is there.
func TestReliabilityNamesTests(t *testing.T) {
	doc, err := os.ReadFile("../../docs/reliability.md")
	if err != nil {
		t.Fatal(err)
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
