package scoring_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"qgen-sidecar/engine/annotate/scoring"
)

var errDisk = errors.New("no space left on device")

// scores is where the tool keeps what a person gave, over several sittings.
type scores struct {
	scoring.Options
	kept map[string]string // "4", "2 clarity relevance"
	err  error
}

func newScores(outputs int) *scores {
	s := &scores{kept: map[string]string{}}
	for i := range outputs {
		s.Outputs = append(s.Outputs, scoring.Output{ID: fmt.Sprint(i + 1), ChunkText: fmt.Sprintf("Text %d on booked days.", i+1),
			Persona: "HR generalist", GoldQuestion: fmt.Sprintf("gold %d?", i+1), Asked: fmt.Sprintf("asked %d?", i+1)})
	}
	s.Save = func(_ context.Context, o scoring.Output, score int, lacks []string) error {
		if s.err != nil {
			return s.err
		}
		s.kept[o.ID] = strings.TrimSpace(fmt.Sprint(score) + " " + strings.Join(lacks, " "))
		if score == 0 {
			delete(s.kept, o.ID)
		}
		for i := range s.Outputs { // what the next sitting is given
			if s.Outputs[i].ID == o.ID {
				s.Outputs[i].Score, s.Outputs[i].Lacks = score, lacks
			}
		}
		return nil
	}
	s.Now = func() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) }
	return s
}

func (s *scores) sit(t *testing.T, answers ...string) string {
	t.Helper()
	var out bytes.Buffer
	o := s.Options
	o.In, o.Out = strings.NewReader(strings.Join(answers, "\n")), &out
	if err := scoring.Run(context.Background(), o); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	return out.String()
}

func (s *scores) want(t *testing.T, want string) {
	t.Helper()
	var got []string
	for i := range s.Outputs {
		if kept, ok := s.kept[fmt.Sprint(i+1)]; ok {
			got = append(got, fmt.Sprintf("%d:%s", i+1, kept))
		}
	}
	if text := strings.Join(got, ", "); text != want {
		t.Errorf("kept %q, want %q", text, want)
	}
}

func TestScoring(t *testing.T) {
	for name, c := range map[string]struct {
		answers []string
		want    string
		says    []string
	}{
		"one key each":         {[]string{"4", "5", "1"}, "1:4, 2:5, 3:1", []string{"saved: 3 of 3 outputs are scored"}},
		"what it lacks":        {[]string{"2", "v", "5"}, "1:2 specificity, 2:5", []string{"the last one lacks specificity"}},
		"two things":           {[]string{"1", "c", "r"}, "1:1 clarity relevance", nil},
		"taken away again":     {[]string{"2", "v", "v"}, "1:2", []string{"the last one lacks nothing"}},
		"lacks before a score": {[]string{"c", "3"}, "1:3", []string{"nothing was scored yet"}},
		"skip":                 {[]string{"s", "4", "2"}, "2:4, 3:2", nil},
		"undo":                 {[]string{"4", "5", "u", "u", "1"}, "1:1", []string{"took the 5 back", "took the 4 back"}},
		"undo nothing":         {[]string{"u", "3"}, "1:3", []string{"nothing to undo"}},
		"past the end":         {[]string{"4", "4", "4", "4", "u", "2"}, "1:4, 2:4, 3:2", []string{"every output is scored"}},
		"nonsense":             {[]string{"6", "0", "x y", "", "?", "3"}, "1:3", []string{`"6" is not understood`}},
		"quit":                 {[]string{"4", "q", "5"}, "1:4", []string{"saved: 1 of 3"}},
		"nothing":              {nil, "", []string{"saved: 0 of 3 outputs are scored"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScores(3)
			out := s.sit(t, c.answers...)
			s.want(t, c.want)
			contains(t, out, c.says...)
		})
	}
}

// Another sitting goes on where the last one ended, and can undo it.
func TestScoringGoesOn(t *testing.T) {
	s := newScores(4)
	s.sit(t, "4", "2", "c")
	out := s.sit(t, "5")
	s.want(t, "1:4, 2:2 clarity, 3:5")
	contains(t, out, "scored 2/4", "asked 3?")
	s.sit(t, "u", "u", "1")
	s.want(t, "1:4, 2:1")
}

// The person sees no name of a program, only the two questions.
func TestScoringShowsTheOutput(t *testing.T) {
	s := newScores(1)
	contains(t, s.sit(t, "q"), "| Text 1 on booked days.", "persona: HR generalist", "gold:    gold 1?", "scored:  asked 1?")
}

// A score that could not be kept is not counted, and can be given again.
func TestScoringWithAFullDisk(t *testing.T) {
	s := newScores(2)
	s.err = errDisk
	contains(t, s.sit(t, "4"), "! "+errDisk.Error(), "saved: 0 of 2")
	s.err = nil
	s.sit(t, "4")
	s.want(t, "1:4")
}

func TestScoringNothing(t *testing.T) {
	o := newScores(0).Options
	o.In, o.Out = strings.NewReader(""), new(bytes.Buffer)
	if err := scoring.Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), "no output to score") {
		t.Errorf("err = %v", err)
	}
}

func contains(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q in\n%s", want, text)
		}
	}
}
