package check

import (
	"fmt"

	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/gate"
	"qgen-sidecar/engine/gold"
	"qgen-sidecar/engine/quality"
)

// comparedVectors bounds the pairs of vectors that are compared.
const comparedVectors = 5000

// duplicates are near in wording or, where vectors are there, in meaning.
func (j *Job) duplicates() {
	near := map[int]bool{}
	for _, d := range quality.Duplicates(j.queries()) {
		near[d.Index] = true
		j.flag(d.Index, gate.Duplicate, fmt.Sprintf("nearly question %d", d.Of))
	}
	if n := len(j.ranks); n > comparedVectors {
		j.result.Warnings = append(j.result.Warnings, fmt.Sprintf("duplicates are counted by wording alone: %d questions are more than the %d that are compared by meaning", n, comparedVectors))
	} else {
		for _, d := range quality.NearVectors(j.vectors, j.Config.Quality.DuplicateCosine) {
			if !near[d.Index] {
				near[d.Index] = true
				j.flag(d.Index, gate.Duplicate, fmt.Sprintf("means nearly what question %d means (cosine %.2f)", d.Of, d.Similarity))
			}
		}
	}
	j.result.Duplicates = len(near)
}

// diversity describes the set, and beside it the gold set: both figures there
// are of equally many questions, as all but the lengths depend on that.
func (j *Job) diversity() error {
	texts := j.queries()
	d := quality.Diversity(texts)
	if vendi, of := quality.Vendi(j.vectors); of > 0 {
		d["vendi"], d["vendi_share"] = vendi, vendi/float64(of)
	}
	if len(j.types) > 0 {
		shares, divergence := j.types.Shares(j.Config.Quality.TypeMix)
		d["types"] = shares
		if divergence != nil {
			d["type_divergence"] = *divergence
		}
	}
	j.result.Diversity = d
	gold, err := j.goldQuestions()
	if err != nil || len(gold) == 0 || len(texts) == 0 {
		return err
	}
	n := min(len(gold), len(texts))
	ours, theirs := quality.Diversity(evenly(texts, n)), quality.Diversity(evenly(gold, n))
	d["beside_gold"] = map[string]any{"n": n, "questions": ours, "gold": theirs}
	for _, name := range []string{"distinct_1", "distinct_2", "ngd"} {
		own, gold := ours[name].(float64), theirs[name].(float64)
		if gold > 0 && own < gold*(1-diversityLoss) {
			j.result.Warnings = append(j.result.Warnings, fmt.Sprintf("less diverse than the gold set: %s is %.2f, of as many gold questions %.2f", name, own, gold))
		}
	}
	return nil
}

// diversityLoss is how much less diverse than the gold set is worth a warning.
const diversityLoss = 0.05

func (j *Job) goldQuestions() ([]string, error) {
	path := j.Config.Files.Gold
	if !files.Exists(path) {
		return nil, nil
	}
	gold, err := gold.Read(path)
	texts := make([]string, len(gold))
	for i, g := range gold {
		texts[i] = g.GoldQuestion
	}
	return texts, err
}

// evenly are n of the texts, at equal distances.
func evenly(texts []string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = texts[i*len(texts)/n]
	}
	return out
}
