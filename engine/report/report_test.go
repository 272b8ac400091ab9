package report_test

import (
	"encoding/json"
	htmlpkg "html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/report"
	"qgen-sidecar/engine/verdict"
)

func page(t *testing.T, d report.Data) string {
	t.Helper()
	html, err := report.HTML(d)
	if err != nil {
		t.Fatal(err)
	}
	return string(html)
}

func TestWriteGivesThreeFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	path := filepath.Join(dir, "report.html")
	for range 2 { // the second time replaces
		if err := report.Write(path, sample()); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if want := []string{"report.html", "report.json", "report.md"}; !cmp.Equal(names, want) {
		t.Fatalf("files %v, want %v: nothing else may be left", names, want)
	}
	text, _ := os.ReadFile(filepath.Join(dir, "report.json"))
	var back report.Data
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	want := sample()
	for i := range want.Rows {
		want.Rows[i].ChunkID = float64(want.Rows[i].ChunkID.(int))
	}
	if diff := cmp.Diff(want, back); diff != "" {
		t.Errorf("the JSON file is not the data:\n%s", diff)
	}
}

func TestWriteRefusesNames(t *testing.T) {
	for _, name := range []string{"r.json", "r.md"} {
		if err := report.Write(filepath.Join(t.TempDir(), name), sample()); err == nil {
			t.Errorf("%s: no error, though the page and its JSON would be one file", name)
		}
	}
}

// What somebody must find on the page.
func TestPageSays(t *testing.T) {
	html := page(t, sample())
	for _, want := range []string{
		"Better", ">p = .0", "points, 95 % interval", "large-judge", "small-writer", "compiling did not see",
		"κ 0.68", "87 %", "30 examples see large differences only", "118 sent, 62 from the cache", "$0.0312", "0.12 → 0.31",
		"qgen-sidecar evaluate --split test --report report.html", "sha256 1b4f0e98", "made by the teacher",
		"According to the text,", "no question", "a is dead (connection refused)", "Clear, specific and relevant",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestPageLoadsNothing(t *testing.T) {
	html := page(t, hostile())
	for _, pattern := range []string{`(?i)<(?:link|img|iframe|object|embed|base|form)\b`, `(?i)<[a-z][^>]*\s(?:src|href)\s*=\s*["']?[^"'#\s>]`, `url\(`, `@import`, `(?i)<[a-z]+[^>]*\son[a-z]+\s*=`} {
		if m := regexp.MustCompile(pattern).FindString(html); m != "" {
			t.Errorf("found %q", m)
		}
	}
}

func TestHostileTextStaysText(t *testing.T) {
	d := hostile()
	html := page(t, d)
	if n := strings.Count(html, "<script"); n != 1 {
		t.Errorf("%d scripts, want the page's one", n)
	}
	if len(html) > report.MaxBytes {
		t.Errorf("%d bytes", len(html))
	}
	if !strings.Contains(html, "cut: ") {
		t.Error("long texts were cut without a note")
	}
	for name, text := range map[string]string{"page": htmlpkg.UnescapeString(html), "markdown": report.Markdown(d)} {
		if !utf8.ValidString(text) {
			t.Errorf("%s: not UTF-8", name)
		}
		for _, bad := range []string{"\x00", "\x1b", "\u202e", "\u2066"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s: has %q", name, bad)
			}
		}
		if !strings.Contains(text, "⟦U+202E⟧") {
			t.Errorf("%s: the bidi control is hidden, not shown", name)
		}
	}
	if strings.Contains(html, "<img") {
		t.Error("page: text became markup")
	}
	for line := range strings.Lines(report.Markdown(d)) {
		// An indented line is code, where markup is text.
		if strings.Contains(line, "<img") && !strings.HasPrefix(line, "    ") {
			t.Errorf("markdown: text became markup: %.80s", line)
		}
	}
	if _, err := report.JSON(d); err != nil {
		t.Error(err)
	}
}

func TestManyRowsStaySmall(t *testing.T) {
	d := sample()
	for len(d.Rows) < 6_000 {
		d.Rows = append(d.Rows, d.Rows[:30]...)
	}
	html := page(t, d)
	if len(html) > report.MaxBytes || !strings.Contains(html, "more rows are left out") {
		t.Errorf("%d bytes; rows must be left out with a note", len(html))
	}
}

func TestLossesComeFirst(t *testing.T) {
	html := page(t, sample())
	orders := regexp.MustCompile(`data-order="([^"]+)"`).FindAllStringSubmatch(html, -1)
	if len(orders) != 30 || orders[0][1] != "-2.000" || orders[29][1] != "3.000" {
		t.Errorf("first %v, last %v of %d", orders[0], orders[len(orders)-1], len(orders))
	}
}

func row(old, new float64) report.Row {
	return report.Row{
		Baseline:  report.Output{Score: pointer(old), Success: old >= 4},
		Optimized: report.Output{Score: pointer(new), Success: new >= 4},
	}
}

func TestPick(t *testing.T) {
	failed := report.Row{}
	for name, c := range map[string]struct {
		rows []report.Row
		n    int
		want []int
	}{
		"one of each":     {[]report.Row{row(3, 4), row(4, 4), row(2, 2), row(5, 2), row(4, 3), row(1, 5), row(2, 4)}, 5, []int{3, 5, 6, 1, 2}},
		"equals: first":   {[]report.Row{row(3, 4), row(3, 4), row(3, 4)}, 2, []int{0, 1}},
		"no losses":       {[]report.Row{row(4, 4), row(3, 4), row(4, 4)}, 5, []int{1, 0, 2}},
		"failed last":     {[]report.Row{failed, row(4, 4), failed}, 2, []int{1, 0}},
		"fewer than five": {[]report.Row{row(1, 2)}, 5, []int{0}},
		"none":            {nil, 5, nil},
		"zero":            {[]report.Row{row(1, 2)}, 0, nil},
		"negative":        {[]report.Row{row(1, 2)}, -1, nil},
	} {
		if got := report.Pick(c.rows, c.n); !cmp.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestNothingScored(t *testing.T) {
	d := report.Data{Comparison: verdict.Compare(make([]verdict.Outcome, 3), make([]verdict.Outcome, 3))}
	html := page(t, d)
	for _, bad := range []string{"NaN", "<nil>", "%!"} {
		if strings.Contains(html, bad) || strings.Contains(report.Markdown(d), bad) {
			t.Errorf("found %q", bad)
		}
	}
	if !strings.Contains(html, "No verdict") {
		t.Error("the page does not say that there is no verdict")
	}
}

// QGEN_REPORT_SAMPLE names a folder to look at the pages in.
func TestSample(t *testing.T) {
	dir := os.Getenv("QGEN_REPORT_SAMPLE")
	if dir == "" {
		dir = t.TempDir()
	}
	for name, d := range map[string]report.Data{"sample": sample(), "hostile": hostile()} {
		if err := report.Write(filepath.Join(dir, name+".html"), d); err != nil {
			t.Error(err)
		}
	}
}
