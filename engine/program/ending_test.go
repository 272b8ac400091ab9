package program_test

import (
	"context"
	"strings"
	"testing"

	"qgen-sidecar/engine/program"
)

// replies is an LM that gives one reply after another, the last one again.
type replies struct {
	texts []string
	asked int
}

func (r *replies) Complete(context.Context, program.Query) (program.Answer, error) {
	text := r.texts[min(r.asked, len(r.texts)-1)]
	r.asked++
	return program.Answer{Text: text, FinishReason: "stop"}, nil
}

// read asks the predictor once, with this reply to each call.
func read(t *testing.T, name, reply string) (program.Values, error) {
	t.Helper()
	out, _, err := program.Predict(t.Context(), program.Model{LM: &replies{texts: []string{reply}}, Role: "task"},
		program.New(program.Options{}).Predictor(name), program.Values{"chunk_text": "c", "persona_description": "p", "query_type": "t", "query_format": "f"}, program.RunOptions{})
	return out, err
}

const (
	draft  = "[[ ## query_type ## ]]\na draft\n\n[[ ## query_format ## ]]\na draft\n\n"
	answer = "[[ ## query_type ## ]]\nfactual\n\n[[ ## query_format ## ]]\none question\n\n[[ ## completed ## ]]"
)

// What a model thinks is no answer, wherever its tags stand.
func TestAThinkingModelsDraftIsNotItsAnswer(t *testing.T) {
	for name, reply := range map[string]string{
		"closed":                        "<think>\nThey want this:\n" + draft + "No.\n</think>\n\n" + answer,
		"closed at the end of a line":   "<think>" + draft + "No, better.</think>\n" + answer,
		"right before the answer":       "<think>hm\n" + draft + "</think>" + answer,
		"with other words":              "<thinking>\n" + draft + "</thinking>\n" + answer,
		"in capitals":                   "<THINK>\n" + draft + "</THINK>\n" + answer,
		"only the closing tag":          "They want this:\n" + draft + "No.\n</think>\n\n" + answer,
		"behind a preamble":             "Sure.\n<think>\n" + draft + "</think>\n" + answer,
		"twice":                         "<think>\n" + draft + "</think>\n<think>\n" + draft + "</think>\n" + answer,
		"behind the answer":             answer + "\n<think>\n" + draft + "</think>",
		"talks about its tags":          "<think>\nThe chunk is about <think> and </think> in prose.\n" + draft + "\n</think>\n" + answer,
		"with a complete draft":         "<think>\n" + draft + "[[ ## completed ## ]]\n</think>\n" + answer,
		"as JSON":                       "<think>\n{\"query_type\": \"a draft\", \"query_format\": \"a draft\"}\n</think>\n{\"query_type\": \"factual\", \"query_format\": \"one question\"}",
		"as JSON, only the closing tag": "{\"query_type\": \"a draft\", \"query_format\": \"a draft\"}\n</think>{\"query_type\": \"factual\", \"query_format\": \"one question\"}",
		"with Windows' line ends":       strings.ReplaceAll("<think>\n"+draft+"</think>\n"+answer, "\n", "\r\n"),
		"drafts in a value":             "[[ ## query_type ## ]]\n<think>\na draft\n</think>\nfactual\n\n[[ ## query_format ## ]]\none question\n",
	} {
		got, err := read(t, "analyzer", reply)
		if err != nil || got["query_type"] != "factual" || got["query_format"] != "one question" {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for name, reply := range map[string]string{
		"never closed":                  "<think>\n" + draft + "I should",
		"never closed, and complete":    "<think>\n" + draft + "[[ ## completed ## ]]",
		"nothing behind it":             "<think>\n" + draft + "</think>",
		"only the closing tag, nothing": draft + "\n</think>\n",
		"cut off behind it":             "<think>\n" + draft + "</think>\n[[ ## query_type ## ]]\nfactual",
	} {
		if got, err := read(t, "analyzer", reply); err == nil {
			t.Errorf("%s: a draft was taken: %v", name, got)
		}
	}
}

// A reply that is all thinking is asked for again.
func TestThinkingThatIsNotClosedIsAskedAgain(t *testing.T) {
	lm := &replies{texts: []string{"<think>\n" + draft, answer}}
	got, _, err := program.Predict(t.Context(), program.Model{LM: lm}, program.New(program.Options{}).Predictor("analyzer"), program.Values{"chunk_text": "c"}, program.RunOptions{})
	if err != nil || got["query_type"] != "factual" || lm.asked != 2 {
		t.Errorf("%v, %v after %d calls", got, err, lm.asked)
	}
}

// Of a value's own text nothing is taken away.
func TestTalkAboutMarksStays(t *testing.T) {
	for _, query := range []string{
		"When does a model write <think> and when </think>?",
		"What does the tag </think> close?",
		"Why is `<think>` in the output?",
		"<think> tags: who writes them?",
		"What does [[ ## completed ## ]] mean in a prompt?",
		"Does [[ ## fertig ## ]] end a reply, or [[ ## completed ## ]] alone?",
		"What is <|im_end|> for?",
		"How do I write <s>struck</s>",
		"Which [INST] blocks does Llama take?",
		"Is [[x]] a link in this wiki?",
		"How large is a <br> in HTML?",
		"Is a < b?",
	} {
		for layout, reply := range map[string]string{
			"markers": "[[ ## query ## ]]\n" + query + "\n\n[[ ## completed ## ]]",
			"json":    `{"query": "` + query + `"}`,
		} {
			if got, err := read(t, "generator", reply); err != nil || got["query"] != query {
				t.Errorf("%s: %q became %q, %v", layout, query, got["query"], err)
			}
		}
	}
}

// What closes a reply is no part of its last value, and what a chat template adds
// of none.
func TestWhatEndsAValueIsNoPartOfIt(t *testing.T) {
	const want = "Which deposit covers damage?"
	for name, value := range map[string]string{
		"on the value's line":          want + " [[ ## completed ## ]]",
		"without a blank":              want + "[[ ## completed ## ]]",
		"in other spelling":            want + " [[## Completed ##]]",
		"translated":                   want + " [[ ## abgeschlossen ## ]]",
		"translated, on its own line":  want + "\n\n[[ ## terminé ## ]]",
		"in another script":            want + "\n[[ ## 完了 ## ]]",
		"followed by words":            want + " [[ ## completed ## ]] I hope this helps!",
		"ChatML":                       want + "<|im_end|>",
		"ChatML and what follows":      want + "\n<|im_end|>\n<|im_start|>user\nAnother",
		"Llama 3":                      want + "<|eot_id|>",
		"Llama 2":                      want + " </s>",
		"Gemma":                        want + "<end_of_turn>\n",
		"DeepSeek":                     want + "<｜end▁of▁sentence｜>",
		"Mistral":                      want + " [/INST]",
		"a token behind the marker":    want + "\n\n[[ ## completed ## ]]<|im_end|>",
		"a marker and a token":         want + " [[ ## completed ## ]] <|im_end|>",
		"a token on a line of its own": want + "\n</s>\n",
	} {
		for layout, reply := range map[string]string{
			"markers": "[[ ## query ## ]]\n" + value,
			"inline":  "[[ ## query ## ]] " + value,
			"json":    `{"query": "` + strings.ReplaceAll(value, "\n", `\n`) + `"}`,
		} {
			if got, err := read(t, "generator", reply); err != nil || got["query"] != want {
				t.Errorf("%s, %s: %q, %v", name, layout, got["query"], err)
			}
		}
	}
	for name, value := range map[string]string{"a marker alone": "[[ ## fertig ## ]]", "a token alone": "<|im_end|>"} {
		if got, err := read(t, "generator", "[[ ## query ## ]]\n"+value); err == nil {
			t.Errorf("%s: taken for %q", name, got["query"])
		}
	}
}
