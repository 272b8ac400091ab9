package evaluate

import (
	"encoding/json"
	"fmt"
	"strings"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/gold"
	"qgen-sidecar/engine/metric"
	"qgen-sidecar/engine/report"
)

// repeat is what somebody needs to do this again.
func (j *Job) repeat() report.Repeat {
	path := j.Gold.PathOf(j.params.Gold)
	return report.Repeat{Command: j.commandLine(), Facts: []report.Field{
		{Name: "gold set", Text: path}, {Name: "split", Text: j.split},
		{Name: "entries", Text: fmt.Sprint(len(j.entries))}, {Name: "SHA-256 of the entries", Text: gold.Digest(j.entries)},
		{Name: "baseline", Text: j.baseline.Name()}, {Name: "baseline's hash", Text: j.baseline.Hash},
		{Name: "program", Text: j.better.Name()}, {Name: "program's hash", Text: j.better.Hash},
	}}
}

// commandLine is this evaluation as a command; what is the default is left out.
func (j *Job) commandLine() string {
	p := j.params
	words := []string{"qgen-sidecar", j.method}
	flag := func(name string, value any, given bool) {
		if given {
			words = append(words, "--"+name, quoted(fmt.Sprint(value)))
		}
	}
	if j.method == "compare" {
		programs, _ := json.Marshal([]*string{j.baseline.Used().Program, j.better.Used().Program})
		flag("programs", string(programs), true)
		if j.baseline.role.Model != j.better.role.Model {
			models, _ := json.Marshal([]string{j.baseline.role.Model, j.better.role.Model})
			flag("models", string(models), true)
		}
	} else {
		flag("program", j.better.Path, j.better.Path != "" && j.better.Path != j.Config.Files.Program)
		flag("baseline", j.baseline.Path, j.baseline.Path != "")
	}
	flag("gold", files.Abs(p.Gold), p.Gold != "")
	flag("split", j.split, j.split != api.PartTest)
	asked, _ := json.Marshal(j.scorer.Metric)
	flag("metric", strings.Trim(string(asked), `"`), string(asked) != `"judge"`)
	flag("threshold", j.scorer.Threshold, j.scorer.Threshold != metric.DefaultThreshold)
	flag("repeats", j.repeats, j.repeats != 1)
	flag("report", files.Abs(p.Report), true)
	return strings.Join(words, " ")
}

// quoted is a word as a POSIX shell reads it back.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:@%+=,", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
