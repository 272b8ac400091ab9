package quality

import (
	"fmt"
	"strings"
)

// The checks that need nothing but the texts of a question and its chunk, by name.
const (
	CheckStandalone = "standalone"
	CheckLeak       = "leak"
	CheckLanguage   = "language"
)

// TextChecks are all of them, in the order in which they are made. Each is a gate, by the
// same name, and warns wherever a question is shown. Not to be changed.
var TextChecks = []string{CheckStandalone, CheckLeak, CheckLanguage}

// Fault is a check that speaks against a question, and why.
type Fault struct{ Check, Reason string }

func (f Fault) String() string { return f.Check + ": " + f.Reason }

// TextFaults makes those of the checks that need nothing but the texts. leakOverlap
// is the share of copied wording from which a question is a leak (0 to 1,
// quality.leak_overlap).
func TextFaults(checks []string, question, chunk string, leakOverlap float64) (faults []Fault) {
	for _, check := range checks {
		if reason := textFault(check, question, chunk, leakOverlap); reason != "" {
			faults = append(faults, Fault{check, reason})
		}
	}
	return faults
}

func textFault(check, question, chunk string, leakOverlap float64) string {
	switch check {
	case CheckStandalone:
		return strings.Join(Standalone(question), "; ")
	case CheckLeak:
		if share := Leak(question, chunk); share >= leakOverlap {
			return fmt.Sprintf("%.0f %% of its four-word sequences are copied from the chunk (at most %.0f %%)", 100*share, 100*leakOverlap)
		}
	case CheckLanguage:
		asked, read := Language(question), Language(chunk)
		if asked != read && asked != "und" && read != "und" {
			return fmt.Sprintf("written in %q, the chunk in %q", asked, read)
		}
	}
	return ""
}

// Warnings are faults as texts; never nil.
func Warnings(faults []Fault) []string {
	warnings := []string{}
	for _, fault := range faults {
		warnings = append(warnings, fault.String())
	}
	return warnings
}
