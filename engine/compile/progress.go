package compile

import (
	"fmt"
	"strings"
	"time"

	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/optimize"
)

// progress tells a person where a compile stands: "candidate 2: 12 of 30, 58.3 %
// so far; best -1 with 66.7 %; about 3 min left".
func (j *Job) progress(p optimize.Progress) {
	parts := []string{candidateLine(p)}
	if p.Best != nil {
		parts = append(parts, fmt.Sprintf("best %d with %.1f %%", p.Best.Candidate, p.Best.Score))
	}
	if left, ok := timeLeft(time.Since(j.call.Start), p); ok {
		parts = append(parts, lm.Left(left))
	}
	j.call.Progress(p.Stage, p.Done, p.Total, strings.Join(parts, "; "))
}

func candidateLine(p optimize.Progress) string {
	switch {
	case p.Done == p.Known && p.Known > 0:
		return fmt.Sprintf("%d runs are known from before", p.Known)
	case p.Done == 0:
		return fmt.Sprintf("%d runs to make at the most, as far as can be told", p.Total)
	case p.Stage == "bootstrap":
		return fmt.Sprintf("candidate %d: looking for demonstrations", p.Candidate)
	case p.Stage == "reflect":
		return fmt.Sprintf("candidate %d: a new instruction, tried on a few training examples", p.Candidate)
	case p.Score == nil:
		return fmt.Sprintf("candidate %d: %d of %d", p.Candidate, p.Of[0], p.Of[1])
	}
	return fmt.Sprintf("candidate %d: %d of %d, %.1f %% so far", p.Candidate, p.Of[0], p.Of[1], *p.Score)
}

func timeLeft(elapsed time.Duration, p optimize.Progress) (time.Duration, bool) {
	made := p.Done - p.Known
	if made < lm.EnoughToTell || p.Done == p.Total {
		return 0, false
	}
	return elapsed * time.Duration(p.Total-p.Done) / time.Duration(made), true
}
