package gold_test

import (
	"fmt"
	"strings"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

func TestCheckGold(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	topics := []string{"overtime", "parking", "travel costs", "sick leave", "the canteen", "laptops", "training", "pensions", "shift swaps", "badges",
		"visitors", "holidays", "parental leave", "fire drills", "home office", "bonuses", "notice periods", "expenses", "references", "side jobs"}
	var entries []string
	add := func(persona, question string) {
		entries = append(entries, fmt.Sprintf(`{"chunk_text":"Rules are kept by the office and changed in spring.","persona_description":%q,"gold_question":%q}`, persona, question))
	}
	for i, topic := range topics {
		persona := "a clerk"
		if i%4 == 3 {
			persona = "a nurse"
		}
		add(persona, "Whom do I ask about "+topic+"?")
	}
	add("a nurse", "Holidays?")
	add("a nurse", strings.Repeat("and what then ", 20)+"?")
	add("a clerk", "Wen frage ich nach den Regeln, wenn das Büro geschlossen ist und niemand da ist?")
	add(" ", "According to the passage, who keeps the rules?")
	add("a clerk", "Whom do I ask about overtime")
	w.Write("gold_dataset.json", "["+strings.Join(entries, ",")+"]")

	got, err := w.Engine.CheckGold()
	if err != nil {
		t.Fatal(err)
	}
	if got.N != 25 || got.BadLength != 2 || got.OtherLanguage != 1 || got.NotStandalone != 1 || got.NoPersona != 1 || got.Duplicates != 1 {
		t.Errorf("found %+v", got)
	}
	if want := (api.GoldWords{Shortest: 1, Median: 6, Longest: 60}); *got.Words != want {
		t.Errorf("words: found %+v, expected %+v", *got.Words, want)
	}
	if len(got.Personas) != 2 || got.Personas[0] != (api.GoldPersona{Description: "a clerk", N: 17}) || got.Personas[1].N != 7 {
		t.Errorf("personas: found %+v", got.Personas)
	}
	if len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "17 of 25 entries (a clerk)") {
		t.Errorf("warnings: found %q", got.Warnings)
	}
	reasons := map[int]string{}
	for _, f := range got.Flagged {
		reasons[f.Index] = strings.Join(f.Reasons, "; ")
	}
	for index, want := range map[int]string{20: "length: 1 words", 21: "length: 60 words", 22: "language: ", 23: "no persona", 24: "repeats entry 0"} {
		if !strings.Contains(reasons[index], want) {
			t.Errorf("entry %d: expected a reason with %q, found %q", index, want, reasons[index])
		}
	}
	if len(reasons) != 5 {
		t.Errorf("expected 5 flagged entries, found %v", reasons)
	}
}

func TestCheckGoldOfNothing(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	w.Write("gold_dataset.json", "[]")
	got, err := w.Engine.CheckGold()
	if err != nil {
		t.Fatal(err)
	}
	if got.N != 0 || got.Words != nil || len(got.Flagged)+len(got.Warnings) != 0 {
		t.Errorf("expected nothing, found %+v", got)
	}
}
