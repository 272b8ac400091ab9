package compile

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"qgen-sidecar/engine/decisions"
)

// lessons are what a person's decisions say about taste, of chunks that are not
// kept for judging.
type lessons struct {
	edits  []string // "suggested: …\n  taken as: …"
	skips  []string
	scores []string // of outputs, given blind
}

// How many of a person's decisions a proposal is told; the next is told others.
const shownEdits, shownSkips, shownScores = 6, 4, 4

// readLessons reads what a person decided, but of chunks in dev and test: what
// she did there is what the result is measured by.
func (j *Job) readLessons() lessons {
	kept := map[string]bool{}
	for _, i := range slices.Concat(j.dev, j.test) {
		kept[decisions.HashOf(j.gold[i].ChunkText)] = true
	}
	out := j.journalLessons(kept)
	scores, err := j.Scores.All()
	if err != nil {
		j.warnings = append(j.warnings, "what people gave to outputs is not learned from: "+err.Error())
	}
	for _, s := range scores {
		if !kept[decisions.HashOf(s.ChunkText)] {
			out.scores = append(out.scores, fmt.Sprintf("scored %d of 5%s: %s", s.Score, lacking(s.Lacks), s.Query))
		}
	}
	return out
}

func lacking(clauses []string) string {
	if len(clauses) == 0 {
		return ""
	}
	return ", lacks " + strings.Join(clauses, ", ")
}

// journalLessons are those of the annotation journal.
func (j *Job) journalLessons(kept map[string]bool) lessons {
	var out lessons
	records, err := decisions.Standing(decisions.Beside(j.goldPath))
	if err != nil {
		if !os.IsNotExist(err) {
			j.warnings = append(j.warnings, "what was changed and skipped while annotating is not learned from: "+err.Error())
		}
		return out
	}
	for _, r := range records {
		if kept[r.ChunkHash] {
			continue
		}
		chosen, known := r.Chosen()
		switch {
		case r.Op == decisions.Take && r.How == decisions.Edited && known:
			out.edits = append(out.edits, fmt.Sprintf("suggested: %s\n  taken as: %s", chosen.Question, r.Question))
		case r.Op == decisions.Skip && len(r.Shown) > 0:
			out.skips = append(out.skips, skipped(r))
		}
	}
	return out
}

func skipped(r decisions.Record) string {
	var shown []string
	for _, s := range r.Shown {
		shown = append(shown, s.Question)
	}
	why := r.Why
	if why == "" {
		why = "no reason given"
	}
	return fmt.Sprintf("turned down (%s): %s", why, strings.Join(shown, " | "))
}

// told picks those that a draw is told.
func (l lessons) told(draw int) string {
	var out []string
	for _, kind := range []struct {
		lines []string
		most  int
	}{{l.edits, shownEdits}, {l.skips, shownSkips}, {l.scores, shownScores}} {
		for i := range min(kind.most, len(kind.lines)) {
			out = append(out, kind.lines[(draw*kind.most+i)%len(kind.lines)])
		}
	}
	return listed(out, "nothing is known")
}
