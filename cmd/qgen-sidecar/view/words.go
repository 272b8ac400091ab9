package view

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"qgen-sidecar/engine/api"
)

// count is "1 question" or "12 questions".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// share is a share of 0…1 as "54 %".
func share(x float64) string { return fmt.Sprintf("%.0f %%", 100*x) }

// shareOf is n of so many as "54 %"; nothing where there are none.
func shareOf(n, total int) string {
	if total == 0 {
		return ""
	}
	return share(float64(n) / float64(total))
}

// signed writes a difference with its sign; a rounded zero has none.
func signed(x float64, digits int) string {
	zero := fmt.Sprintf("%.*f", digits, 0.0)
	if v := fmt.Sprintf("%.*f", digits, math.Abs(x)); v == zero {
		return v
	}
	return fmt.Sprintf("%+.*f", digits, x)
}

// orDash is a number that may not be known.
func orDash(format string, x *float64) string {
	if x == nil {
		return "–"
	}
	return fmt.Sprintf(format, *x)
}

// size of files: 1.2 MB.
func size(bytes int64) string {
	x, unit := float64(bytes), "bytes"
	for _, next := range []string{"kB", "MB", "GB", "TB"} {
		if math.Abs(x) < 1000 {
			break
		}
		x, unit = x/1000, next
	}
	if unit == "bytes" {
		return fmt.Sprintf("%d bytes", bytes)
	}
	return fmt.Sprintf("%.1f %s", x, unit)
}

// paid is what calls to models took.
func paid(u api.Usage) string {
	text := fmt.Sprintf("%s and %s", count(u.Calls, "call", "calls"), count(u.PromptTokens+u.CompletionTokens, "token", "tokens"))
	if u.USD != nil {
		text += fmt.Sprintf(", $%.4f", *u.USD)
	}
	if u.Cached > 0 {
		text += fmt.Sprintf("; %s known", count(u.Cached, "reply was", "replies were"))
	}
	return text
}

// programUsed is which program had a part in a result.
func programUsed(u api.ProgramUsed) string {
	hash := ""
	if u.ProgramHash != "" {
		hash = " (" + cut(u.ProgramHash, 12) + ")"
	}
	if u.Program == nil {
		return "unoptimised" + hash
	}
	return *u.Program + hash
}

// counts are those of a map, the commonest first: "en 118, de 2".
func counts(m map[string]int) string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(m[b]-m[a], strings.Compare(a, b)) })
	left := len(names) - most
	names = first(names)
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", cut(name, 40), m[name])
	}
	if left > 0 {
		names = append(names, fmt.Sprintf("… and %d more", left))
	}
	return strings.Join(names, ", ")
}

// kind is a question's type and format, as far as they are known.
func kind(queryType, queryFormat string) string {
	parts := []string{}
	for _, part := range []string{queryType, queryFormat} {
		if part != "" {
			parts = append(parts, cut(part, 60))
		}
	}
	return strings.Join(parts, " · ")
}

// value is anything that JSON knows, on one line: a text as it is.
func value(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(raw)
}

// sorted are the names of a map.
func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
