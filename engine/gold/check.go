package gold

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/quality"
	"qgen-sidecar/internal/clip"
)

// A question of fewer words is rarely one, and of more is rarely asked.
const (
	fewestWords = 2
	mostWords   = 40
)

// A persona with more than this share of a gold set that is large enough to
// say so teaches its own voice to all the others.
const (
	personaShare = 0.5
	personaFrom  = 20
)

// Check looks for what makes a bad example or a lopsided set. Nothing is changed, and
// nothing of it stops a compile: a person may have meant it. leakOverlap is
// quality.leak_overlap of the config.
func Check(gold []Entry, leakOverlap float64) *api.GoldCheck {
	j := &checking{gold: gold, leakOverlap: leakOverlap, reasons: make([][]string, len(gold)), result: &api.GoldCheck{
		N: len(gold), Languages: map[string]int{}, QueryTypes: map[string]int{}, QueryFormats: map[string]int{},
		Personas: []api.GoldPersona{}, Flagged: []api.GoldFlag{}, Warnings: []string{},
	}}
	j.duplicates()
	j.texts()
	j.words()
	j.personas()
	for i, reasons := range j.reasons {
		if len(reasons) > 0 {
			j.result.Flagged = append(j.result.Flagged, api.GoldFlag{Index: i, Question: gold[i].GoldQuestion, Reasons: reasons})
		}
	}
	return j.result
}

// checking is one Check under way.
type checking struct {
	gold        []Entry
	leakOverlap float64
	reasons     [][]string // of each entry
	result      *api.GoldCheck
}

// flag notes a reason against an entry, and counts it where the check has a figure of its
// own.
func (j *checking) flag(i int, count *int, reason string) {
	if count != nil {
		*count++
	}
	j.reasons[i] = append(j.reasons[i], reason)
}

func (j *checking) duplicates() {
	questions := make([]string, len(j.gold))
	for i, g := range j.gold {
		questions[i] = g.GoldQuestion
	}
	for _, d := range quality.Duplicates(questions) {
		j.flag(d.Index, &j.result.Duplicates, fmt.Sprintf("duplicate: repeats entry %d (similarity %.2f)", d.Of, d.Similarity))
	}
}

// texts makes the checks that generate makes of its own questions.
func (j *checking) texts() {
	r := j.result
	counts := map[string]*int{quality.CheckStandalone: &r.NotStandalone, quality.CheckLeak: &r.Leaks, quality.CheckLanguage: &r.OtherLanguage}
	for i, g := range j.gold {
		for _, fault := range quality.TextFaults(quality.TextChecks, g.GoldQuestion, g.ChunkText, j.leakOverlap) {
			j.flag(i, counts[fault.Check], fault.String())
		}
		r.Languages[quality.Language(g.GoldQuestion)]++
		r.QueryTypes[cmp.Or(g.QueryType, "–")]++
		r.QueryFormats[cmp.Or(g.QueryFormat, "–")]++
	}
}

func (j *checking) words() {
	if len(j.gold) == 0 {
		return
	}
	lengths := make([]int, len(j.gold))
	for i, g := range j.gold {
		n := quality.Length(g.GoldQuestion)
		lengths[i] = n
		if n < fewestWords || n > mostWords {
			j.flag(i, &j.result.BadLength, fmt.Sprintf("length: %d words (expected %d to %d)", n, fewestWords, mostWords))
		}
	}
	slices.Sort(lengths)
	j.result.Words = &api.GoldWords{Shortest: lengths[0], Median: lengths[len(lengths)/2], Longest: lengths[len(lengths)-1]}
}

func (j *checking) personas() {
	r, counts := j.result, map[string]int{}
	for i, g := range j.gold {
		if strings.TrimSpace(g.PersonaDescription) == "" {
			j.flag(i, &r.NoPersona, "no persona")
			continue
		}
		counts[g.PersonaDescription]++
	}
	for description, n := range counts {
		r.Personas = append(r.Personas, api.GoldPersona{Description: description, N: n})
	}
	slices.SortFunc(r.Personas, func(a, b api.GoldPersona) int {
		return cmp.Or(b.N-a.N, strings.Compare(a.Description, b.Description))
	})
	if len(j.gold) < personaFrom || len(r.Personas) == 0 {
		return
	}
	if most := r.Personas[0]; float64(most.N) > personaShare*float64(len(j.gold)) {
		r.Warnings = append(r.Warnings, fmt.Sprintf("one persona has %d of %d entries (%s): its voice is most of what is taught", most.N, len(j.gold), clip.Runes(most.Description, 200)))
	}
}
