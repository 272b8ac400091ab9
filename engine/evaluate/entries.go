package evaluate

import (
	"fmt"
	"slices"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/gold"
	"qgen-sidecar/engine/runfile"
	"qgen-sidecar/internal/clip"
)

// choose takes the entries of the part asked for.
//
// Which entry was where is read from the run files of both programs; an entry
// that either was taught with counts as train, else one that either was chosen
// by counts as dev. An entry added since counts as its chunk's other entries do,
// whose demonstrations the program may show, else as test. Without a run file
// the default split holds. An empty test part falls back to dev. Each of these
// comes with a warning.
func (j *Job) choose(p api.EvaluateParams) error {
	j.split = p.Split
	if j.split == "" {
		j.split = api.PartTest
	}
	if !slices.Contains([]string{api.PartTest, api.PartDev, api.PartTrain, api.PartAll}, j.split) {
		return &api.ParamError{Param: "split", Expected: "test, dev, train or all", Found: clip.Runes(p.Split, 200)}
	}
	entries, err := gold.ReadSome(j.Gold.PathOf(p.Gold))
	if err != nil {
		return err
	}
	parts, err := j.parts(entries)
	if err != nil {
		return err
	}
	j.entries = chosen(entries, parts, j.split)
	if len(j.entries) == 0 && j.split == api.PartTest {
		j.split = api.PartDev
		j.entries = chosen(entries, parts, api.PartDev)
		j.warnings = append(j.warnings, "the test part is empty: these are the dev entries, by which the program was chosen; the difference flatters")
	}
	if len(j.entries) == 0 {
		return &api.ParamError{Param: "split", Expected: "a part with at least one entry", Found: fmt.Sprintf("%s, which has none of the %d entries", j.split, len(entries))}
	}
	return nil
}

func chosen(entries []gold.Entry, parts []string, part string) []gold.Entry {
	if part == api.PartAll {
		return entries
	}
	var out []gold.Entry
	for i, g := range entries {
		if parts[i] == part {
			out = append(out, g)
		}
	}
	return out
}

// parts names the part of every entry.
func (j *Job) parts(entries []gold.Entry) ([]string, error) {
	runs, err := j.runs()
	if err != nil {
		return nil, err
	}
	if len(runs) == 0 {
		j.warnings = append(j.warnings, "no run file says how the gold set was split: the default split (40/30/30, seed 0) is used")
		return defaultParts(entries), nil
	}
	parts := make([]string, len(entries)) // "": no run knows the entry
	ofChunk := map[string]string{}
	for i, g := range entries {
		for _, run := range runs {
			parts[i] = closer(parts[i], run[g.ID()])
		}
		ofChunk[g.ChunkText] = closer(ofChunk[g.ChunkText], parts[i])
	}
	added := 0
	for i, g := range entries {
		if parts[i] == "" {
			added++
			parts[i] = closer(api.PartTest, ofChunk[g.ChunkText])
		}
	}
	if added > 0 {
		j.warnings = append(j.warnings, fmt.Sprintf("%d entries were added since the program was made: they count as test, or as the part that knew their chunk", added))
	}
	return parts, nil
}

// closer is the part of the two that is closer to the program's making.
func closer(a, b string) string {
	for _, part := range []string{api.PartTrain, api.PartDev, api.PartTest} {
		if a == part || b == part {
			return part
		}
	}
	return ""
}

func (j *Job) runs() ([]map[string]string, error) {
	var runs []map[string]string
	for _, s := range []*side{j.baseline, j.better} {
		if s.Path == "" || s.file != nil {
			continue
		}
		run, err := runfile.Read(s.Path, s.Hash)
		if err != nil {
			return nil, err
		}
		if run == nil {
			continue
		}
		runs = append(runs, run.PartOf())
		if s == j.better {
			j.search = run.BestScore
		}
		if run.Program.Hash != s.Hash {
			j.warnings = append(j.warnings, s.Path+" is not the program its run file speaks of: the split may be another one's")
		}
	}
	return runs, nil
}

func defaultParts(entries []gold.Entry) []string {
	train, dev, test := gold.Divide(api.DefaultSplit(), gold.Chunks(entries))
	parts := make([]string, len(entries))
	for part, indices := range map[string][]int{api.PartTrain: train, api.PartDev: dev, api.PartTest: test} {
		for _, i := range indices {
			parts[i] = part
		}
	}
	return parts
}

// fewExamples: below it only large differences can show.
const fewExamples = 50

// warn collects what a reader must know before believing the numbers.
func (j *Job) warn() {
	if judge := j.judgeWarning(); judge != "" {
		j.warnings = append(j.warnings, judge)
	}
	if j.same() {
		j.warnings = append(j.warnings, "both programs are the same: compiling found none better than the start; whatever differs is chance")
	}
	if n := len(j.entries); n < fewExamples {
		j.warnings = append(j.warnings, fmt.Sprintf("%d examples are few: below %d only large differences can show", n, fewExamples))
	}
	switch j.params.Split {
	case api.PartDev:
		j.warnings = append(j.warnings, "the dev part chose the program: a difference on it flatters")
	case api.PartTrain, api.PartAll:
		j.warnings = append(j.warnings, "the train part taught the program: a difference on it flatters")
	}
}

// same: both sides would be asked the same.
func (j *Job) same() bool {
	a, b := j.baseline, j.better
	return a.file == nil && b.file == nil && a.Hash == b.Hash && a.role.Model == b.role.Model
}

// judgeWarning: models prefer what they wrote themselves (arXiv 2404.13076).
func (j *Job) judgeWarning() string {
	judge := j.scorer.Model()
	own := func(s *side) bool { return s.file == nil && s.role.Model == judge }
	if j.scorer.Metric.Name == api.MetricHost || !own(j.baseline) && !own(j.better) {
		return ""
	}
	return "the judge is the model that wrote the questions (" + judge + "): models prefer their own words; use another model in [lm.judge]"
}
