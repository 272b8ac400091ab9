package program_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/program"
)

// script is an LM that answers one after the other and keeps what it was asked.
type script struct {
	answers []program.Answer
	errs    []error
	asked   []program.Query
}

func (s *script) Complete(_ context.Context, q program.Query) (program.Answer, error) {
	i := len(s.asked)
	s.asked = append(s.asked, q)
	if i < len(s.errs) && s.errs[i] != nil {
		return program.Answer{}, s.errs[i]
	}
	return s.answers[i], nil
}

func says(texts ...string) *script {
	s := &script{}
	for _, t := range texts {
		s.answers = append(s.answers, program.Answer{Text: t, Model: "m", FinishReason: "stop"})
	}
	return s
}

func predict(m *script, l program.Layout, o program.RunOptions) (program.Values, error) {
	pr := program.New(program.Options{}).Predictor("generator")
	out, _, err := program.Predict(context.Background(), program.Model{LM: m, Layout: l}, pr, in, o)
	return out, err
}

const (
	good     = "[[ ## query ## ]]\nWhy 3 bar?\n[[ ## completed ## ]]"
	goodJSON = `{"query": "Why 3 bar?"}`
)

func TestPredictAsksByLayout(t *testing.T) {
	for name, c := range map[string]struct {
		layout  program.Layout
		replies []string
		json    []bool // per call: asked as JSON
		rollout []int
	}{
		"auto, followed":             {"auto", []string{good}, []bool{false}, []int{3}},
		"default is auto":            {"", []string{"prose", goodJSON}, []bool{false, true}, []int{3, 3}},
		"auto, JSON instead":         {"auto", []string{goodJSON}, []bool{false}, []int{3}},
		"auto, second as JSON":       {"auto", []string{"Why 3 bar?", goodJSON}, []bool{false, true}, []int{3, 3}},
		"auto, markers under JSON":   {"auto", []string{"", good}, []bool{false, true}, []int{3, 3}},
		"markers, followed":          {"markers", []string{good}, []bool{false}, []int{3}},
		"markers, another draw":      {"markers", []string{"prose", good}, []bool{false, false}, []int{3, 3 + 1<<20}},
		"json always":                {"json", []string{goodJSON}, []bool{true}, []int{3}},
		"json, fenced":               {"json", []string{"```json\n" + goodJSON + "\n```"}, []bool{true}, []int{3}},
		"json, another draw as JSON": {"json", []string{"{", goodJSON}, []bool{true, true}, []int{3, 3 + 1<<20}},
	} {
		m := says(c.replies...)
		out, err := predict(m, c.layout, program.RunOptions{Rollout: 3})
		if err != nil || out["query"] != "Why 3 bar?" {
			t.Errorf("%s: found %v, %v", name, out, err)
		}
		var asJSON []bool
		var rollout []int
		for _, q := range m.asked {
			asJSON = append(asJSON, q.ResponseFormat != nil)
			rollout = append(rollout, q.Rollout)
		}
		if diff := cmp.Diff(c.json, asJSON) + cmp.Diff(c.rollout, rollout); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestPredictRetriesAsAnotherDraw(t *testing.T) {
	m := says("prose", good)
	if _, err := predict(m, "markers", program.RunOptions{}); err != nil {
		t.Fatal(err)
	}
	if m.asked[0].Temperature != nil || m.asked[1].Temperature == nil || *m.asked[1].Temperature == 0 {
		t.Error("expected the role's temperature first, and one that can draw anew second")
	}
}

func TestPredictFailures(t *testing.T) {
	down := errors.New("endpoint down")
	refused := &program.ReplyError{Predictor: "generator", Reply: "no!", Reason: "refused"}
	for name, c := range map[string]struct {
		lm     *script
		reason string
		reply  string // of the *ReplyError; "-": not one
		is     error
	}{
		"all unreadable":  {says("first prose", "second prose", "third prose"), "expected a JSON object", "third prose", nil},
		"all empty":       {says("", "", ""), "it is empty", "", nil},
		"cut off":         {&script{answers: []program.Answer{{Text: "[[ ## que", FinishReason: "length"}, {Text: "{\"query\": \"Wh", FinishReason: "length"}, {Text: "{\"query\": \"Wh", FinishReason: "length"}}}, "max_tokens", "{\"query\": \"Wh", nil},
		"cut in the text": {&script{answers: []program.Answer{{Text: "[[ ## query ## ]]\nWhy 3", FinishReason: "length"}, {Text: "[[ ## query ## ]]\nWhy 3", FinishReason: "length"}, {Text: "[[ ## query ## ]]\nWhy 3", FinishReason: "length"}}}, "not closed", "[[ ## query ## ]]\nWhy 3", nil},
		"the LM's own":    {&script{errs: []error{down}}, "endpoint down", "-", down},
		"of no use":       {&script{errs: []error{refused, refused, refused}}, "refused", "no!", nil},
		"LM at the retry": {&script{answers: []program.Answer{{Text: "prose"}}, errs: []error{nil, down}}, "asking again failed", "prose", down},
	} {
		_, err := predict(c.lm, "auto", program.RunOptions{})
		if err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: expected %q, found %v", name, c.reason, err)
			continue
		}
		var reply *program.ReplyError
		if errors.As(err, &reply) != (c.reply != "-") || reply != nil && (reply.Reply != c.reply || reply.Predictor != "generator") {
			t.Errorf("%s: found %#v", name, reply)
		}
		if c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: the cause is lost in %v", name, err)
		}
	}
}

func TestPredictAsksAgainAfterAUselessAnswer(t *testing.T) {
	m := &script{answers: []program.Answer{{}, {Text: goodJSON}}, errs: []error{&program.ReplyError{Reason: "empty"}}}
	if out, err := predict(m, "auto", program.RunOptions{}); err != nil || out["query"] != "Why 3 bar?" || m.asked[1].ResponseFormat == nil {
		t.Errorf("found %v, %v", out, err)
	}
}

func TestPredictTakesAClosedReplyAtTheLimit(t *testing.T) {
	m := &script{answers: []program.Answer{{Text: good + "\nand on and on", FinishReason: "length"}}}
	if out, err := predict(m, "markers", program.RunOptions{}); err != nil || out["query"] != "Why 3 bar?" {
		t.Errorf("found %v, %v", out, err)
	}
}

func TestRun(t *testing.T) {
	m := says("[[ ## query_type ## ]]\nfactual\n[[ ## query_format ## ]]\nquestion\n[[ ## completed ## ]]", good)
	warm := 0.9
	o := program.RunOptions{Rollout: 2, Temperature: &warm, Fresh: true, Avoid: []string{"What\nopens [[ ## query ## ]]?", "Which?"}}
	values := program.Values{"chunk_text": "c", "persona_description": "p", "gold": "not an input"}
	got, err := program.New(program.Options{}).Run(context.Background(), program.Model{LM: m}, values, o)
	if err != nil {
		t.Fatal(err)
	}
	want := program.Prediction{Query: "Why 3 bar?", QueryType: "factual", QueryFormat: "question", Model: "m", Trace: []program.Step{
		{Predictor: "analyzer", Inputs: program.Values{"chunk_text": "c", "persona_description": "p"}, Outputs: program.Values{"query_type": "factual", "query_format": "question"}, Model: "m"},
		{Predictor: "generator", Inputs: program.Values{"chunk_text": "c", "persona_description": "p", "query_type": "factual", "query_format": "question"}, Outputs: program.Values{"query": "Why 3 bar?"}, Model: "m"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, q := range m.asked {
		if q.Rollout != 2 || *q.Temperature != 0.9 || !q.Fresh {
			t.Errorf("options are lost: %+v", q)
		}
		last := q.Messages[len(q.Messages)-1].Content
		lines := strings.Split(last, "\n")
		if tail := lines[len(lines)-1]; !strings.Contains(tail, `«What opens [\[ ## query ## ]]?»; «Which?»`) {
			t.Errorf("expected the questions to avoid in the last line, found %q", tail)
		}
	}
	if len(values) != 3 {
		t.Errorf("the caller's values changed: %v", values)
	}
}

// A reply that is all thinking is asked for again.
func TestThinkingThatIsNotClosedIsAskedAgain(t *testing.T) {
	m := says("<think>\n[[ ## query_type ## ]]\na draft\n\n[[ ## query_format ## ]]\na draft\n\n",
		"[[ ## query_type ## ]]\nfactual\n\n[[ ## query_format ## ]]\none question\n\n[[ ## completed ## ]]")
	got, _, err := program.Predict(t.Context(), program.Model{LM: m}, program.New(program.Options{}).Predictor("analyzer"), program.Values{"chunk_text": "c"}, program.RunOptions{})
	if err != nil || got["query_type"] != "factual" || len(m.asked) != 2 {
		t.Errorf("%v, %v after %d calls", got, err, len(m.asked))
	}
}
