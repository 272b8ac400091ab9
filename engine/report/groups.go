package report

import (
	"cmp"
	"fmt"
	"slices"
)

// group is a table of success by something that rows have in common.
type group struct {
	Name  string // "query type", "persona"
	Lines []groupLine
}

type groupLine struct {
	Name       string
	N          int
	Old, New   string // successes of those scored
	Wins, Loss int
}

// groupsMost is how many different values are worth a table.
const groupsMost = 12

// groups are success by the optimised question's type, and by persona; what has
// one value or too many says nothing.
func groups(rows []Row) []group {
	var out []group
	for _, by := range []struct {
		name string
		of   func(Row) string
	}{
		{"query type", func(r Row) string { return r.Optimized.QueryType }},
		{"persona", func(r Row) string { return r.PersonaDescription }},
	} {
		if g := groupBy(rows, by.of); len(g) > 1 && len(g) <= groupsMost {
			out = append(out, group{by.name, g})
		}
	}
	return out
}

func groupBy(rows []Row, of func(Row) string) []groupLine {
	byValue := map[string][]Row{}
	for _, r := range rows {
		byValue[of(r)] = append(byValue[of(r)], r)
	}
	var out []groupLine
	for value, members := range byValue {
		line := groupLine{Name: shortened(value), N: len(members)}
		if value == "" {
			line.Name = "none"
		}
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
	slices.SortFunc(out, func(a, b groupLine) int { return cmp.Or(b.N-a.N, cmp.Compare(a.Name, b.Name)) })
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
	r := []rune(oneLine(visible(text)))
	if len(r) <= most {
		return string(r)
	}
	return string(r[:most-1]) + "…"
}
