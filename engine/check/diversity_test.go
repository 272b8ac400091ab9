package check_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

func TestDuplicatesByMeaning(t *testing.T) {
	w := enginetest.NewNumbered(t, enginetest.Setup{})
	r := enginetest.Must(w.CheckQuestions(t.Context(), api.CheckQuestionsParams{Questions: []api.QuestionToCheck{
		toCheck(4, "3 who pays for the railings of a balcony?"),
		toCheck(5, "4 when is the stairwell cleaned by the tenants?"),
		toCheck(4, "3 is it the landlord that has to replace them?"),   // means the first, as it is embedded
		toCheck(5, "4 when is the stairwell cleaned by the tenants??"), // says the second, and is counted once
	}}))(t)
	if r.Duplicates != 2 || len(r.Flagged) != 2 || !strings.Contains(r.Flagged[0].Reasons[0], "means nearly what question 0 means") ||
		!strings.Contains(r.Flagged[1].Reasons[0], "nearly question 1") {
		t.Errorf("duplicates = %d, flagged = %+v", r.Duplicates, r.Flagged)
	}
	if vendi, _ := r.Diversity["vendi"].(float64); vendi < 1.9 || vendi > 2.1 {
		t.Errorf("vendi = %v of four questions of two meanings", r.Diversity["vendi"])
	}
}

func TestDiversityBesideTheGoldSet(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	var gold []map[string]any
	for i, q := range []string{"who pays for railings?", "may I keep a dog?", "when is rubbish collected?", "how do I vent a radiator?"} {
		gold = append(gold, map[string]any{"chunk_text": fmt.Sprint(i), "persona_description": "p", "gold_question": q})
	}
	raw := enginetest.Must(json.Marshal(gold))(t)
	w.Write("gold_dataset.json", string(raw))
	var dull []api.QuestionToCheck
	for i := range 12 {
		dull = append(dull, api.QuestionToCheck{ChunkText: "c", Query: fmt.Sprintf("What does the rule say about matter %d?", i%3)})
	}
	r := enginetest.Must(w.CheckQuestions(t.Context(), api.CheckQuestionsParams{Questions: dull}))(t)
	beside, _ := r.Diversity["beside_gold"].(map[string]any)
	if beside["n"] != 4 || !enginetest.Warned(r.Warnings, "less diverse than the gold set: distinct_1") {
		t.Errorf("beside gold = %v, warnings = %v", beside, r.Warnings)
	}
}
