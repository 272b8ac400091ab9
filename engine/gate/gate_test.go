package gate_test

import (
	"strings"
	"testing"

	"qgen-sidecar/engine/enginetest"
)

func TestGates(t *testing.T) {
	const chunk = 2 // of balcony railings
	tests := map[string]struct {
		gate, query, reason string
	}{
		"standalone":         {"standalone", "What does this passage say of railings?", "standalone: "},
		"standalone, passes": {"standalone", "How high must balcony railings be?", ""},
		"leak":               {"leak", "The tenant handbook explains balcony railings in paragraph 2 with several practical details?", "leak: "},
		"language":           {"language", "Wie hoch müssen die Geländer auf dem Balkon der Wohnung nach der Verordnung sein und wer prüft das?", "language: "},
		"round-trip":         {"round-trip", "The tenant handbook explains balcony railings in paragraph 2 with several practical details.", ""},
		"round-trip, not":    {"round-trip", "The tenant handbook explains elevator inspection in paragraph 4 with several practical details.", "round-trip: "},
		"answerable":         {"answerable", "What is explained?", ""},
		"duplicate, none":    {"duplicate", "How high?", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := enginetest.New(t, enginetest.Setup{TOML: "[quality]\nround_trip_k = 1\n"})
			enginetest.Script(w, tt.query)
			p := enginetest.AboutChunk(chunk)
			p.Gates = []string{tt.gate}
			r := enginetest.Must(w.Generate(t.Context(), p))(t)
			if !strings.HasPrefix(r.RejectedReason, tt.reason) || (r.Query == nil) != (tt.reason != "") || tt.reason == "" && r.RejectedReason != "" {
				t.Errorf("query = %v, rejected = %q", r.Query, r.RejectedReason)
			}
		})
	}
}
