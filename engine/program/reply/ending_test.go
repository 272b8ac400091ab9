package reply_test

import (
	"strings"
	"testing"
	"time"

	"qgen-sidecar/engine/program/reply"
	"qgen-sidecar/engine/program/signature"
)

// The outputs of the pipeline's two predictors.
var outputs = map[string]signature.Signature{
	"analyzer":  {Outputs: []signature.Field{signature.NewField("query_type"), signature.NewField("query_format")}},
	"generator": {Outputs: []signature.Field{signature.NewField("query")}},
}

// read reads a reply to the predictor, asked for under markers; the other form has
// to give the same.
func read(t *testing.T, name, text string) (signature.Values, error) {
	t.Helper()
	out, err := reply.Read(outputs[name], reply.Markers, text, false)
	if _, other := reply.Read(outputs[name], reply.JSON, text, false); (err == nil) != (other == nil) {
		t.Errorf("%q: %v under markers, %v as JSON", text, err, other)
	}
	return out, err
}

const (
	draft  = "[[ ## query_type ## ]]\na draft\n\n[[ ## query_format ## ]]\na draft\n\n"
	answer = "[[ ## query_type ## ]]\nfactual\n\n[[ ## query_format ## ]]\none question\n\n[[ ## completed ## ]]"
)

// What a model thinks is no answer, wherever its tags stand.
func TestAThinkingModelsDraftIsNotItsAnswer(t *testing.T) {
	for name, text := range map[string]string{
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
		"gpt-oss, its tokens left":      "<|channel|>analysis<|message|>" + draft + "<|end|><|start|>assistant<|channel|>final<|message|>" + answer,
		"gpt-oss, a line of its own":    "<|channel|>analysis<|message|>" + draft + "<|end|>\n<|start|>assistant<|channel|>final<|message|>\n" + answer,
		"Magistral":                     "[THINK]" + draft + "[/THINK]" + answer,
		"Kimi-VL":                       "◁think▷" + draft + "◁/think▷" + answer,
		"Cohere":                        "<|START_THINKING|>" + draft + "<|END_THINKING|>" + answer,
		"Open Thoughts":                 "<|begin_of_thought|>\n" + draft + "<|end_of_thought|>\n" + answer,
		"escaped":                       "&lt;think&gt;\n" + draft + "&lt;/think&gt;\n" + answer,
		"in a scratchpad":               "<scratchpad>\n" + draft + "</scratchpad>\n" + answer,
		"announces its answer":          draft + "So.</think> Here is my answer:\n" + answer,
		"in an answer's tag":            "<think>" + draft + "</think><answer>\n" + answer + "\n</answer>",
		"with emphasis":                 draft + "</think>**[[ ## query_type ## ]]**\nfactual\n[[ ## query_format ## ]]\none question",
		"thinks again behind it":        answer + "\n<think>Is that right? Yes.</think>",
		"a stray closing tag at last":   answer + "\n</think>",
		"between the fields":            "[[ ## query_type ## ]]\nfactual\n<think>and the format?</think>\n[[ ## query_format ## ]]\none question",
		"on the value's line":           "[[ ## query_type ## ]]\n<think>hm, a draft?</think> factual\n[[ ## query_format ## ]]\n<think>hm</think>\none question",
		"a preamble on its line":        "Sure! <think>\n" + draft + "</think>\n" + answer,
		"drafts in a value":             "[[ ## query_type ## ]]\n<think>\na draft\n</think>\nfactual\n\n[[ ## query_format ## ]]\none question\n",
	} {
		got, err := read(t, "analyzer", text)
		if err != nil || got["query_type"] != "factual" || got["query_format"] != "one question" {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for name, text := range map[string]string{
		"never closed":                  "<think>\n" + draft + "I should",
		"never closed, and complete":    "<think>\n" + draft + "[[ ## completed ## ]]",
		"a second block, never closed":  "<think>a</think>\n<think>They want\n" + draft + "[[ ## completed ## ]]",
		"behind a preamble, not closed": "Sure!\n<think>They want\n" + draft,
		"a token before it, not closed": "<|assistant|><think>\n" + draft,
		"gpt-oss, no final answer":      "<|channel|>analysis<|message|>" + draft + "I",
		"Magistral, never closed":       "[THINK]" + draft,
		"nothing behind it":             "<think>\n" + draft + "</think>",
		"only the closing tag, nothing": draft + "\n</think>\n",
		"cut off behind it":             "<think>\n" + draft + "</think>\n[[ ## query_type ## ]]\nfactual",
	} {
		if got, err := read(t, "analyzer", text); err == nil {
			t.Errorf("%s: a draft was taken: %v", name, got)
		}
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
		"</think> closes what?",
		"Explain the tag </think>",
		"Explain the token <|im_end|>",
		"What is the difference between [INST] and [/INST]",
		`How is <s class=\"old\">text</s> shown?`,
		"Is this right? [[ ## completed ## ]] marks the end of what?",
		`Given the line\nHello<|im_end|>\nwhich token ends it?`,
		`End every reply with [[ ## completed ## ]]\nand never use two clauses. Why?`,
	} {
		for layout, text := range map[string]string{
			"markers": "[[ ## query ## ]]\n" + unquote(query) + "\n\n[[ ## completed ## ]]",
			"json":    `{"query": "` + query + `"}`,
		} {
			query := unquote(query)
			if got, err := read(t, "generator", text); err != nil || got["query"] != query {
				t.Errorf("%s: %q became %q, %v", layout, query, got["query"], err)
			}
		}
	}
}

// unquote reads what is written as in JSON.
func unquote(text string) string {
	return strings.NewReplacer(`\"`, `"`, `\n`, "\n").Replace(text)
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
		"Llama 3's next turn":          want + "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nAnother",
		"ChatML's next turn":           want + "<|im_end|><|im_start|>assistant\nAnother",
		"a token and a word":           want + "<|im_end|>assistant",
		"Phi's next turn":              want + "<|end|><|user|> Next",
		"DeepSeek's next turn":         want + "<｜end▁of▁sentence｜><｜User｜>Hello",
		"Llama 2's next turn":          want + "</s>[INST] Another [/INST]",
		"Hindi":                        want + "\n\n[[ ## पूर्ण ## ]]",
		"decomposed":                   want + " [[ ## termine\u0301 ## ]]",
		"two words":                    want + " [[ ## c'est fini ## ]]",
		"in bold":                      want + " **[[ ## completed ## ]]**",
		"in backticks":                 want + " `[[ ## completed ## ]]`",
		"in brackets":                  want + " ([[ ## completed ## ]])",
		"in a comment":                 want + " <!-- [[ ## completed ## ]] -->",
		"with a full stop":             want + " [[ ## fertig ## ]].",
		"cut off":                      want + " [[ ## compl",
		"almost whole":                 want + " [[ ## completed ##",
		"without its signs":            want + " [[ completed ]]",
		"ChatML in front":              "<|im_start|>assistant\n" + want,
		"Llama 3 in front":             "<|start_header_id|>assistant<|end_header_id|>\n\n" + want,
		"Llama 2 around it":            "<s>" + want + "</s>",
		"Phi in front":                 "<|assistant|>\n" + want,
		"Idefics":                      want + "<end_of_utterance>",
		"a token behind the marker":    want + "\n\n[[ ## completed ## ]]<|im_end|>",
		"a marker and a token":         want + " [[ ## completed ## ]] <|im_end|>",
		"a token on a line of its own": want + "\n</s>\n",
	} {
		for layout, text := range map[string]string{
			"markers": "[[ ## query ## ]]\n" + value,
			"inline":  "[[ ## query ## ]] " + value,
			"json":    `{"query": "` + strings.ReplaceAll(value, "\n", `\n`) + `"}`,
		} {
			if got, err := read(t, "generator", text); err != nil || got["query"] != want {
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

// A small model that repeats a token until it is cut off costs no time.
func TestATokenRepeatedWithoutEnd(t *testing.T) {
	for _, token := range []string{"<|im_start|>", "<eos>", "</s>", "[[ ## completed ## ]]", "<think>", "</think>"} {
		began := time.Now()
		got, err := read(t, "generator", "[[ ## query ## ]]\nWhich deposit covers damage?"+strings.Repeat(token, 20_000)+"<|im_")
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%s: %v", token, took)
		}
		if err == nil && len(got["query"]) > 100 {
			t.Errorf("%s: taken for a question of %d bytes", token, len(got["query"]))
		}
	}
}
