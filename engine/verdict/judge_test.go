package verdict_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/verdict"
)

// scripted answers with one reply after the other and keeps what it was asked.
type scripted struct {
	replies []string
	err     error
	asked   []program.Query
}

func (s *scripted) Complete(_ context.Context, q program.Query) (program.Answer, error) {
	s.asked = append(s.asked, q)
	if s.err != nil {
		return program.Answer{}, s.err
	}
	reply := s.replies[min(len(s.asked), len(s.replies))-1]
	return program.Answer{Text: reply, FinishReason: "stop", Model: "judge-model"}, nil
}

const good = "[[ ## reason ## ]]\nClear and specific.\n\n[[ ## score ## ]]\n4\n\n[[ ## completed ## ]]\n"

func judgeWith(lm program.LM) *verdict.Judge {
	return verdict.NewJudge(program.Model{LM: lm, Layout: program.LayoutMarkers}, "")
}

func TestJudgeScores(t *testing.T) {
	lm := &scripted{replies: []string{good}}
	got, err := judgeWith(lm).Score(context.Background(), "the chunk", "a nurse", "gold?", "predicted?", 0, false)
	if err != nil || got.Score != 4 || got.Reason != "Clear and specific." {
		t.Fatalf("got %+v, %v", got, err)
	}
	var sent strings.Builder
	for _, m := range lm.asked[0].Messages {
		sent.WriteString(m.Content + "\n")
	}
	for _, want := range []string{verdict.JudgeInstructions, "the chunk", "a nurse", "gold?", "predicted?", "score", "reason"} {
		if !strings.Contains(sent.String(), want) {
			t.Errorf("the judge is not told %q", want)
		}
	}
}

func TestJudgeDrawsAgain(t *testing.T) {
	lm := &scripted{replies: []string{"no idea", "[[ ## reason ## ]]\nx\n[[ ## score ## ]]\n9", good}}
	got, err := judgeWith(lm).Score(context.Background(), "c", "p", "g", "q", 3, true)
	if err != nil || got.Score != 4 {
		t.Fatalf("got %+v, %v", got, err)
	}
	rollouts := map[int]bool{}
	for _, q := range lm.asked {
		rollouts[q.Rollout] = true
		if !q.Fresh {
			t.Error("fresh was not passed on")
		}
	}
	if len(rollouts) != 3 || !rollouts[3] {
		t.Errorf("draws %v, want three different ones beginning with 3", rollouts)
	}
}

func TestJudgeGivesUp(t *testing.T) {
	lm := &scripted{replies: []string{"no idea"}}
	_, err := judgeWith(lm).Score(context.Background(), "c", "p", "g", "q", 0, false)
	var unreadable *program.ReplyError
	if !errors.As(err, &unreadable) {
		t.Fatalf("got %v, want a *program.ReplyError", err)
	}
	draws := map[int]bool{}
	for _, q := range lm.asked {
		draws[q.Rollout] = true
	}
	if len(lm.asked) != program.MaxAttempts || len(draws) != len(lm.asked) {
		t.Errorf("asked %d times with %d draws, want %d, all different", len(lm.asked), len(draws), program.MaxAttempts)
	}
}

func TestJudgePassesOtherErrorsOn(t *testing.T) {
	dead := errors.New("every endpoint is dead")
	lm := &scripted{err: dead}
	if _, err := judgeWith(lm).Score(context.Background(), "c", "p", "g", "q", 0, false); !errors.Is(err, dead) {
		t.Fatalf("got %v, want %v", err, dead)
	}
	if len(lm.asked) != 1 {
		t.Errorf("asked %d times, want 1: retries belong to the dispatcher", len(lm.asked))
	}
}

func TestJudgeInstructionsReplaceable(t *testing.T) {
	for given, want := range map[string]string{"Rate it.": "Rate it.", " ": verdict.JudgeInstructions} {
		lm := &scripted{replies: []string{good}}
		j := verdict.NewJudge(program.Model{LM: lm}, given)
		if _, err := j.Score(context.Background(), "c", "p", "g", "q", 0, false); err != nil || !strings.Contains(lm.asked[0].Messages[0].Content, want) {
			t.Errorf("%q: expected %q in the prompt, found %v, %v", given, want, lm.asked, err)
		}
	}
}
