package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"qgen-sidecar/internal/clip"
)

// group is a table of success by something that rows have in common.
type group struct {
	Name  string // "query type", "persona"
	Key   string // of the page's filter: "type", "persona"
	Lines []groupLine
	of    func(Row) string
}

type groupLine struct {
	Name       string
	N          int
	Old, New   string // successes of those scored
	Wins, Loss int
	value      string // whole, what Name is the beginning of
}

// groupsMost is how many different values are worth a table.
const groupsMost = 12

// groups are success by the optimised question's type, and by persona; what has
// one value or too many says nothing.
func groups(rows []Row) []group {
	var out []group
	for _, g := range []group{
		{Name: "query type", Key: "type", of: func(r Row) string { return r.Optimized.QueryType }},
		{Name: "persona", Key: "persona", of: func(r Row) string { return r.PersonaDescription }},
	} {
		g.Lines = groupBy(rows, g.of)
		if len(g.Lines) > 1 && len(g.Lines) <= groupsMost {
			out = append(out, g)
		}
	}
	return out
}

// keysOf are what the page's filters know a row by: "type:0 persona:2", each
// with its line's place, as two values may begin alike.
func keysOf(r Row, groups []group) string {
	var keys []string
	for _, g := range groups {
		value := g.of(r)
		at := slices.IndexFunc(g.Lines, func(l groupLine) bool { return l.value == value })
		keys = append(keys, fmt.Sprintf("%s:%d", g.Key, at))
	}
	return strings.Join(keys, " ")
}

func groupBy(rows []Row, of func(Row) string) []groupLine {
	byValue := map[string][]Row{}
	for _, r := range rows {
		byValue[of(r)] = append(byValue[of(r)], r)
	}
	var out []groupLine
	for value, members := range byValue {
		line := groupLine{Name: cmp.Or(shortened(value), "none"), N: len(members), value: value}
		var old, new []Output
		for _, r := range members {
			old, new = append(old, r.Baseline), append(new, r.Optimized)
			if d, ok := r.difference(); ok && d > 0 {
				line.Wins++
			} else if ok && d < 0 {
				line.Loss++
			}
		}
		line.Old, line.New = succeeded(old), succeeded(new)
		out = append(out, line)
	}
	slices.SortFunc(out, func(a, b groupLine) int { return cmp.Or(b.N-a.N, cmp.Compare(a.value, b.value)) })
	return out
}

func succeeded(outputs []Output) string {
	successes, scored := 0, 0
	for _, o := range outputs {
		if o.Score != nil {
			scored++
			if o.Success {
				successes++
			}
		}
	}
	return fmt.Sprintf("%d of %d", successes, scored)
}

// priceText is what a question takes: "812 tokens, $0.0003, 1.2 s".
func priceText(p *Price) string {
	if p == nil {
		return ""
	}
	text := fmt.Sprintf("%.0f tokens", p.Tokens)
	if p.USD != nil && *p.USD > 0 {
		text += fmt.Sprintf(", $%.5f", *p.USD)
	}
	return fmt.Sprintf("%s, %.2f s with the others under way (median of %d)", text, p.P50S, p.Questions)
}

// shortened is the beginning of a text, for a table's line.
func shortened(text string) string {
	const most = 60
	r := []rune(clip.OneLine(visible(text)))
	if len(r) <= most {
		return string(r)
	}
	return string(r[:most-1]) + "…"
}
