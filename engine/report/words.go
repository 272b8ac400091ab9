package report

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"qgen-sidecar/engine/verdict"
)

// rate is one side's success as "18 of 30" and its numbers.
type rate struct {
	Known          bool
	Successes, N   int
	Score, Low, Hi float64
	Mean           float64
	Errors         int
}

func rateOf(s verdict.Summary, n int) rate {
	r := rate{N: n - s.Errors, Errors: s.Errors}
	if s.Score == nil || s.CI95 == nil || s.Mean == nil {
		return r
	}
	r.Known, r.Score, r.Low, r.Hi, r.Mean = true, *s.Score, s.CI95[0], s.CI95[1], *s.Mean
	r.Successes = int(math.Round(r.Score * float64(r.N) / 100))
	return r
}

func (r rate) String() string {
	if !r.Known {
		return "nothing scored"
	}
	return fmt.Sprintf("%d of %d, %.0f %% [%.0f, %.0f]", r.Successes, r.N, r.Score, r.Low, r.Hi)
}

// signed writes a difference with its sign; a rounded zero has none.
func signed(x float64, digits int) string {
	s := fmt.Sprintf("%+.*f", digits, x)
	if v := fmt.Sprintf("%.*f", digits, math.Abs(x)); v == fmt.Sprintf("%.*f", digits, 0.0) {
		return v
	}
	return s
}

// headline is the verdict as a sentence of its own.
func headline(d verdict.Difference) string {
	switch d.VerdictCode {
	case "better":
		return "Better"
	case "worse":
		return "Worse"
	}
	if d.Points == nil {
		return "No verdict"
	}
	return "No evidence either way"
}

// differenceText is "+20 points, 95 % interval 0 to +40".
func differenceText(d verdict.Difference) string {
	if d.Points == nil || d.CI95 == nil {
		return "no difference can be told"
	}
	return fmt.Sprintf("%s points, 95 %% interval %s to %s", signed(*d.Points, 0), signed(d.CI95[0], 0), signed(d.CI95[1], 0))
}

func meanText(c verdict.Comparison) string {
	if c.Baseline.Mean == nil || c.Optimized.Mean == nil {
		return ""
	}
	text := fmt.Sprintf("%.1f → %.1f", *c.Baseline.Mean, *c.Optimized.Mean)
	if c.MeanDifference != nil && c.MeanDifferenceCI95 != nil {
		text += fmt.Sprintf(" (%s [%s, %s])", signed(*c.MeanDifference, 1), signed(c.MeanDifferenceCI95[0], 1), signed(c.MeanDifferenceCI95[1], 1))
	}
	if c.Difference.PMean != nil {
		text += ", sign-flip " + verdict.PText(*c.Difference.PMean)
	}
	return text
}

// explanation says in plain words what the verdict means for the reader.
func explanation(c verdict.Comparison) string {
	d, m := c.Difference, c.Matrix
	switch {
	case d.PValue == nil:
		return "No example has a score on both sides, so nothing can be concluded."
	case d.VerdictCode != "none":
		return fmt.Sprintf("Of %s, %d went from failure to success and %d the other way. "+
			"If the two programs were equally good, a split at least this uneven would come up by chance in %s of such runs (McNemar's exact test).",
			count(m.Pairs(), "pair", "pairs"), m.OnlyOptimized, m.OnlyBaseline, chance(*d.PValue))
	case c.DetectablePoints == nil:
		return fmt.Sprintf("%s cannot show any difference: even if all of them changed the same way, chance would explain it. Add gold questions.",
			count(m.Pairs(), "pair", "pairs"))
	}
	return fmt.Sprintf("Of %s, %d went from failure to success and %d the other way: chance explains such a split (McNemar's exact test, %s). "+
		"This does not say that the programs are equally good. A gain of about %.0f points would have shown in 80 %% of sets of this size; to see less, add gold questions.",
		count(m.Pairs(), "pair", "pairs"), m.OnlyOptimized, m.OnlyBaseline, verdict.PText(*d.PValue), *c.DetectablePoints)
}

func chance(p float64) string {
	if p < 0.001 {
		return "less than one in a thousand"
	}
	return fmt.Sprintf("%.1f %%", 100*p)
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// withoutHeadline is the verdict without what the headline says already: "better
// (p = .02)" leaves "p = .02".
func withoutHeadline(d verdict.Difference) string {
	if _, rest, ok := strings.Cut(d.Verdict, "no evidence either way: "); ok {
		return rest
	}
	if rest, ok := strings.CutPrefix(d.Verdict, d.VerdictCode+" ("); ok {
		return strings.Replace(rest, ")", "", 1)
	}
	return d.Verdict
}

func capital(text string) string {
	if strings.HasPrefix(text, "p ") || text == "" {
		return text
	}
	r, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[n:]
}
