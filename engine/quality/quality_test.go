package quality_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"qgen-sidecar/engine/quality"
)

func TestStandaloneFlags(t *testing.T) {
	for _, q := range []string{
		"According to the text, what is the notice period?",
		"What does the passage say about leave?",
		"What is the main idea of this document?",
		"Which steps does the author recommend?",
		"According to segment 3, how many days are allowed?",
		"Based on the provided context, who approves requests?",
		"What are the requirements mentioned above?",
		"Which countries are mentioned?",
		"What does it do?",
		"Why did they leave the union?",
		"WHAT DOES THE TEXT SAY?",
		"What does the\u200b te\u00adxt say?",
		"Laut dem Text, wie lange ist die Kündigungsfrist?",
		"Welche Schritte werden im Text beschrieben?",
		"Was meint der Autor mit Resturlaub?",
		"Wie hoch ist die oben genannte Gebühr?",
		"Welche Ausnahmen nennt der vorliegende Abschnitt?",
		"Gemäß diesem Dokument, wer ist zuständig?",
		"Selon le texte, quelle est la durée du préavis ?",
		"Que dit l'auteur sur les congés ?",
		"Según el texto, ¿cuál es el plazo?",
		"Secondo il testo, qual è la durata?",
		"De acordo com o texto, qual é o prazo?",
		"Volgens de tekst, hoe lang is de opzegtermijn?",
		"Według tekstu, jak długi jest okres wypowiedzenia?",
		"Согласно тексту, какой срок уведомления?",
		"根据上文，通知期是多长？",
		"この文章によると、期間はどのくらいですか？",
	} {
		if got := quality.Standalone(q); len(got) == 0 {
			t.Errorf("%q: no reason found", q)
		}
	}
}

func TestStandalonePasses(t *testing.T) {
	for _, q := range []string{
		"", "?!", "part time switch leave balance date",
		"What happens to my booked vacation if I go part time?",
		"How is the document retention period calculated?",
		"How large is the context window of the model?",
		"What does GDPR require in the context of employee data?",
		"Who is the author of Faust?",
		"Does the heating run above 30 degrees?",
		"What does it take to change the plan?",
		"How do I sign a document electronically?",
		"Is it here that I apply?",
		"Wie wird der Resturlaub beim Wechsel in Teilzeit berechnet?",
		"Wer ist der Autor von Faust?",
		"Welche Pflichten hat der Arbeitgeber gemäß der DSGVO?",
		"Comment calculer le solde de congés ?",
		"¿Cómo se calcula el saldo de vacaciones?",
		"Как рассчитать остаток отпуска?",
		"休暇の残りはどう計算しますか？",
	} {
		if got := quality.Standalone(q); len(got) != 0 {
			t.Errorf("%q: flagged with %q", q, got)
		}
	}
}

const leave = "Employees who change from full to part time keep the leave earned so far. " +
	"The balance is recalculated on the day of the change; days already booked stay booked."

func TestLeak(t *testing.T) {
	for _, c := range []struct {
		question string
		leak     float64
	}{
		{"What happens to booked vacation when hours go down?", 0},
		{"Do employees who change from full to part time keep the leave?", 9.0 / 10},
		{"EMPLOYEES who—change: from full!", 1},
		{"leave balance", 0},
		{"", 0},
	} {
		if got := quality.Leak(c.question, leave); math.Abs(got-c.leak) > 0.051 {
			t.Errorf("Leak(%q) = %v, want %v", c.question, got, c.leak)
		}
	}
	if got := quality.Leak("通知期是多长时间", "合同规定通知期是多长时间由双方决定"); got != 1 {
		t.Errorf("copied Chinese: %v, want 1", got)
	}
}

func TestNearDuplicate(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"What is the notice period?", "what is the notice period", true},
		{"What is the notice period for employees?", "What is the notice period for an employee?", true},
		{"What is the notice period?", "What is the probation period?", false},
		{"How do I apply for parental leave?", "How do I apply for unpaid leave?", false},
		{"Wie hoch ist die Gebühr?", "Wie hoch ist die Gebu\u0308hr?", true}, // composed and decomposed
		{"", "", true},
		{"", "x", false},
	} {
		if got := quality.NearDuplicate(c.a, c.b); got != c.want {
			t.Errorf("NearDuplicate(%q, %q) = %v (similarity %.2f), want %v", c.a, c.b, got, quality.Similarity(c.a, c.b), c.want)
		}
	}
}

func TestDuplicates(t *testing.T) {
	set := []string{
		"What is the notice period for employees?", "How do I apply for parental leave?",
		"What is the notice period for an employee?", "how do i apply for parental leave", "Who approves?",
	}
	got := quality.Duplicates(set)
	if len(got) != 2 || got[0].Index != 2 || got[0].Of != 0 || got[1].Index != 3 || got[1].Of != 1 || got[1].Similarity != 1 {
		t.Errorf("got %+v", got)
	}
}

// Banding may miss none of the pairs that counting every pair finds, here.
func TestDuplicatesAgainstAllPairs(t *testing.T) {
	var set []string
	for i := range 300 {
		set = append(set, fmt.Sprintf("How many days of leave does office number %d grant to trainee %d?", i%97, i%7))
	}
	var want []int
	var kept []int
	for i := range set {
		duplicate := false
		for _, j := range kept {
			duplicate = duplicate || quality.NearDuplicate(set[i], set[j])
		}
		if duplicate {
			want = append(want, i)
		} else {
			kept = append(kept, i)
		}
	}
	got := quality.Duplicates(set)
	if len(got) != len(want) || len(want) == 0 {
		t.Fatalf("found %d, all pairs give %d", len(got), len(want))
	}
}

func TestLanguage(t *testing.T) {
	for text, want := range map[string]string{
		"What happens to my booked vacation if I go part time?":           "en",
		"How does photosynthesis work?":                                   "en",
		"Wie wird der Resturlaub beim Wechsel in Teilzeit berechnet?":     "de",
		"Welche Vorteile bietet das neue Modell?":                         "de",
		"Quelle est la durée du préavis pour un cadre ?":                  "fr",
		"¿Cuál es el plazo de preaviso para los empleados?":               "es",
		"Qual è la durata del periodo di preavviso per i dipendenti?":     "it",
		"Qual é o prazo de aviso prévio para os funcionários?":            "pt",
		"Hoe lang is de opzegtermijn voor een werknemer?":                 "nl",
		"Hur lång är uppsägningstiden för en anställd?":                   "sv",
		"Hvor længe varer opsigelsen, og hvad skal jeg gøre?":             "da",
		"Jak długi jest okres wypowiedzenia dla pracownika?":              "pl",
		"Çalışan için ihbar süresi ne kadar ve nasıl hesaplanır?":         "tr",
		"Jaká je výpovědní lhůta pro zaměstnance a kdo o ní rozhoduje?":   "cs",
		"Care este perioada de preaviz pentru un angajat și cine decide?": "ro",
		"Какой срок уведомления для работника и как его рассчитать?":      "ru",
		"Який термін повідомлення для працівника і як його розрахувати?":  "uk",
		"通知期是多长？":                            "zh",
		"通知期間はどのくらいですか？":                     "ja",
		"통지 기간은 얼마나 되나요?":                    "ko",
		"Ποια είναι η περίοδος ειδοποίησης;": "el",
		"ما هي مدة الإشعار؟":                 "ar",
		"מהי תקופת ההודעה?":                  "he",
		"ระยะเวลาแจ้งล่วงหน้าคือเท่าไร":      "th",
		"सूचना अवधि क्या है?":                "hi",
		"":                      "und",
		"42 / 17":               "und",
		"leave balance date":    "und",
		"\xff\xfe\x00":          "und",
		"Sample Corp ACME-4711": "und",
		"دوره اطلاع رسانی چقدر است؟ گروه پژوهش": "und",
	} {
		if got := quality.Language(text); got != want {
			t.Errorf("Language(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestDiversity(t *testing.T) {
	same := quality.Diversity([]string{"What is the fee?", "What is the fee?", "What is the fee?"})
	different := quality.Diversity([]string{"What is the fee?", "how do booked days move", "Warum steigt der Preis?"})
	for _, key := range []string{"distinct_1", "distinct_2", "distinct_3", "ngd"} {
		if !(same[key].(float64) < different[key].(float64)) {
			t.Errorf("%s: equal questions %v, different ones %v", key, same[key], different[key])
		}
	}
	if same["mean_similarity"] != 1.0 || same["opening"] != "what is" || same["opening_share"] != 1.0 || same["mean_words"] != 4.0 {
		t.Errorf("equal questions: %v", same)
	}
	// 12 words of 4 kinds; four-grams: 3 of 1 kind.
	if same["distinct_1"] != 4.0/12 {
		t.Errorf("distinct_1 = %v, want 1/3", same["distinct_1"])
	}
	for _, v := range quality.Diversity(nil) {
		if f, ok := v.(float64); ok && (math.IsNaN(f) || f != 0) {
			t.Errorf("no questions: %v", quality.Diversity(nil))
		}
	}
}

// Texts made to be slow, of up to a megabyte, and against each other.
func TestHostileTextIsFast(t *testing.T) {
	hostile := map[string]string{
		"one word":  strings.Repeat("a ", 64<<10),
		"no spaces": strings.Repeat("x", 1<<20),
		"not UTF-8": strings.Repeat("\xff\x00 ", 100<<10),
		"marks":     "e" + strings.Repeat("\u0301", 250<<10),
		"bidi":      strings.Repeat("\u202e\u2066the text ", 20<<10),
		"ordinary":  strings.Repeat(leave+" ", 6<<10),
		"the the":   strings.Repeat("the ", 32<<10),
		"Han":       strings.Repeat("根据", 40<<10),
	}
	for name, text := range hostile {
		start := time.Now()
		quality.Standalone(text)
		quality.Leak(text, text)
		quality.Leak("What is the notice period of a contract?", text)
		quality.NearDuplicate(text, text)
		quality.Language(text)
		quality.Diversity([]string{text, text})
		quality.Duplicates([]string{text, "x"})
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s: %v", name, took)
		} else {
			t.Logf("%s: %v", name, took)
		}
	}
}

func FuzzAnyText(f *testing.F) {
	f.Add("What does the text say?", leave)
	f.Add("\xff\u202e根据", "e\u0301\u0301")
	f.Fuzz(func(t *testing.T, a, b string) {
		for what, v := range map[string]float64{"Leak": quality.Leak(a, b), "Similarity": quality.Similarity(a, b)} {
			if math.IsNaN(v) || v < 0 || v > 1 {
				t.Errorf("%s = %v", what, v)
			}
		}
		if !quality.NearDuplicate(a, a) {
			t.Error("a text is no duplicate of itself")
		}
		if quality.Leak(a, a) < 1 && quality.Leak(a, a) > 0 {
			t.Error("a text does not leak itself whole")
		}
		quality.Standalone(a)
		quality.Language(a)
		quality.Diversity([]string{a, b})
	})
}
