package llmtest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"qgen-sidecar/internal/llmtest"
)

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// post sends a chat completion and returns the status, the reply's text and
// the whole body.
func post(t *testing.T, url, key string, extra map[string]any, messages ...message) (int, string, string) {
	t.Helper()
	body := map[string]any{"model": "m", "messages": messages}
	for k, v := range extra {
		body[k] = v
	}
	raw, _ := json.Marshal(body)
	req, _ := http.NewRequest("POST", url+"/chat/completions", bytes.NewReader(raw))
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	if err != nil {
		return resp.StatusCode, "", err.Error()
	}
	var reply struct {
		Choices []struct {
			Message struct{ Content string }
		}
	}
	json.Unmarshal(all, &reply)
	if len(reply.Choices) == 0 {
		return resp.StatusCode, "", string(all)
	}
	return resp.StatusCode, reply.Choices[0].Message.Content, string(all)
}

const system = "Your input fields are:\n1. `chunk_text` (str)\n2. `persona_description` (str)\nYour output fields are:\n1. `query_type`: one of: factual; how-to\n2. `query` (str)\n\n" +
	"[[ ## chunk_text ## ]]\n{chunk_text}\n\n[[ ## persona_description ## ]]\n{persona_description}\n\n[[ ## query_type ## ]]\n{query_type}\n\n[[ ## query ## ]]\n{query}\n\n[[ ## completed ## ]]"

func turn(chunk string) message {
	return message{"user", "[[ ## chunk_text ## ]]\n" + chunk + "\n\n[[ ## persona_description ## ]]\nA novice.\n"}
}

func TestMarkersAreAnsweredWithTheOutputFieldsAlone(t *testing.T) {
	s := llmtest.New(t)
	_, text, _ := post(t, s.URL(), "", nil, message{"system", system}, turn("Granite contains quartz and feldspar minerals."))
	for _, want := range []string{"[[ ## query_type ## ]]", "[[ ## query ## ]]", "[[ ## completed ## ]]", "?"} {
		if !strings.Contains(text, want) {
			t.Errorf("reply lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "chunk_text") || strings.Contains(text, "persona_description") {
		t.Errorf("reply repeats input fields:\n%s", text)
	}
	if !strings.Contains(text, "factual") && !strings.Contains(text, "how-to") {
		t.Errorf("query_type is none of the listed choices:\n%s", text)
	}
	_, again, _ := post(t, s.URL(), "", nil, message{"system", system}, turn("Granite contains quartz and feldspar minerals."))
	if again != text {
		t.Errorf("equal requests, different answers:\n%s\n%s", text, again)
	}
}

// DSPy's own adapter names the outputs inside one line of the last turn.
func TestOutputsNamedInsideALine(t *testing.T) {
	s := llmtest.New(t)
	last := turn("Granite contains quartz and feldspar minerals.")
	last.Content += "\nRespond with the fields, starting with `[[ ## query_type ## ]]` (a valid Python Literal['factual', 'how-to']), then `[[ ## query ## ]]`, then `[[ ## completed ## ]]`."
	_, text, _ := post(t, s.URL(), "", nil, message{"system", "Your objective is: ask."}, last)
	_, query, found := strings.Cut(text, "[[ ## query ## ]]\n")
	if !found || !strings.Contains(query, "?") || !strings.Contains(text, "[[ ## query_type ## ]]\n") || strings.Contains(query, "Respond") {
		t.Errorf("reply:\n%s", text)
	}
}

func TestSchemaIsAnsweredInItsShape(t *testing.T) {
	s := llmtest.New(t)
	format := json.RawMessage(`{"type":"json_schema","json_schema":{"name":"s","strict":true,"schema":{"type":"object","properties":{
		"suggestions":{"type":"array","minItems":4,"items":{"$ref":"#/$defs/one"}},
		"score":{"type":"integer","minimum":1,"maximum":5},"standalone":{"type":"string","enum":["no","yes"]}},
		"$defs":{"one":{"type":"object","properties":{"question":{"type":"string"},"query_format":{"enum":["x","y"]}}}}}}}`)
	_, text, _ := post(t, s.URL(), "", map[string]any{"response_format": format}, turn("Granite contains quartz and feldspar minerals."))
	var got struct {
		Suggestions []struct {
			Question    string
			QueryFormat string `json:"query_format"`
		}
		Score      int
		Standalone string
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	var questions []string
	for _, q := range got.Suggestions {
		questions = append(questions, q.Question)
		if q.QueryFormat != "x" && q.QueryFormat != "y" {
			t.Errorf("query_format %q is not in the enum", q.QueryFormat)
		}
	}
	slices.Sort(questions)
	if len(slices.Compact(questions)) != 4 || got.Score < 1 || got.Score > 5 || got.Standalone != "yes" {
		t.Errorf("want 4 different questions, a score of 1 to 5 and yes; got %+v", got)
	}
}

func TestDemonstrationsMakeBetterQuestions(t *testing.T) {
	s := llmtest.New(t)
	judge := "Output: `reason`, `score`.\n[[ ## reason ## ]]\n[[ ## score ## ]]"
	mean := func(demos int) float64 {
		sum := 0
		for i := range 40 {
			chunk := fmt.Sprintf("Granite number %d contains quartz, feldspar and several minerals.", i)
			messages := []message{{"system", system}}
			for d := range demos {
				messages = append(messages, turn(fmt.Sprint("demo ", d)), message{"assistant", "[[ ## query ## ]]\nWhat is granite?\n[[ ## completed ## ]]"})
			}
			_, text, _ := post(t, s.URL(), "", nil, append(messages, turn(chunk))...)
			query := text[strings.Index(text, "[[ ## query ## ]]\n")+18:]
			query, _, _ = strings.Cut(query, "\n")
			_, verdict, _ := post(t, s.URL(), "", nil, message{"system", judge},
				message{"user", "[[ ## gold_question ## ]]\nWhat?\n\n[[ ## predicted_question ## ]]\n" + query})
			score := 0
			fmt.Sscanf(verdict[strings.Index(verdict, "[[ ## score ## ]]\n")+18:], "%d", &score)
			if score < 1 || score > 5 {
				t.Fatalf("score out of range in %s", verdict)
			}
			sum += score
		}
		return float64(sum) / 40
	}
	if none, many := mean(0), mean(4); many <= none+0.5 {
		t.Errorf("mean score %.2f without demonstrations, %.2f with four: nothing to find", none, many)
	}
}

func TestArithmeticAndEcho(t *testing.T) {
	s := llmtest.New(t)
	if _, text, _ := post(t, s.URL(), "", nil, message{"user", "What is 2+2?"}); text != "4" {
		t.Errorf("2+2 is %q", text)
	}
	if _, text, _ := post(t, s.URL(), "", nil, message{"user", "hello"}); !strings.Contains(text, "hello") {
		t.Errorf("no echo: %q", text)
	}
}

func TestKeyLimitAndFaults(t *testing.T) {
	s := llmtest.New(t)
	s.SetKey("right")
	hello := message{"user", "hello"}
	if status, _, body := post(t, s.URL(), "wrong", nil, hello); status != 401 || !strings.Contains(body, "invalid_api_key") {
		t.Errorf("wrong key: %d %s", status, body)
	}
	if status, _, _ := post(t, s.URL(), "right", nil, hello); status != 200 {
		t.Errorf("right key: %d", status)
	}
	s.SetRPM(60, 1)
	post(t, s.URL(), "right", nil, hello)
	if status, _, _ := post(t, s.URL(), "right", nil, hello); status != 429 {
		t.Errorf("second request within the second: %d", status)
	}
	s.SetRPM(0, 0)
	for _, c := range []struct {
		fault llmtest.Fault
		want  string
	}{
		{llmtest.Fault{Status: 503}, "injected 503"},
		{llmtest.Fault{Kind: llmtest.NoChoices}, `"choices":[]`},
		{llmtest.Fault{Kind: llmtest.ErrorIn200}, "upstream failed"},
		{llmtest.Fault{Kind: llmtest.Refusal}, "I cannot help"},
		{llmtest.Fault{Kind: llmtest.Length}, `"finish_reason":"length"`},
		{llmtest.Fault{Kind: llmtest.Cut}, "unexpected EOF"},
		{llmtest.Fault{Kind: llmtest.Malformed}, "oops"},
	} {
		s.Fault(func(int, llmtest.Request) *llmtest.Fault { return &c.fault })
		if _, _, body := post(t, s.URL(), "right", nil, hello); !strings.Contains(body, c.want) {
			t.Errorf("fault %+v: body %q lacks %q", c.fault, body, c.want)
		}
	}
	for _, r := range s.Requests() {
		if strings.Contains(fmt.Sprint(r), "right") {
			t.Fatal("the log holds a key")
		}
	}
}

func TestCloseLetsHangingRequestsGo(t *testing.T) {
	s := llmtest.New(t)
	arrived := make(chan struct{})
	s.Fault(func(int, llmtest.Request) *llmtest.Fault { close(arrived); return &llmtest.Fault{Kind: llmtest.Hang} })
	ended := make(chan error)
	go func() {
		_, err := http.Post(s.URL()+"/chat/completions", "application/json", strings.NewReader(`{}`))
		ended <- err
	}()
	<-arrived
	s.Close()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("a hanging request was answered")
		}
	case <-time.After(5 * time.Second):
		t.Fatal("still hanging")
	}
}

func TestSharedWordsMakeNearVectors(t *testing.T) {
	dot := func(a, b []float32) (sum float32) {
		for i := range a {
			sum += a[i] * b[i]
		}
		return sum
	}
	q, near, far := llmtest.Embed("granite and quartz"), llmtest.Embed("quartz in granite"), llmtest.Embed("taxes due in April")
	if dot(q, near) <= dot(q, far) || dot(q, q) < 0.999 || dot(q, q) > 1.001 {
		t.Errorf("near %f, far %f, self %f", dot(q, near), dot(q, far), dot(q, q))
	}
}

func TestLoadIsAnsweredAndCountedByKey(t *testing.T) {
	s := llmtest.New(t)
	s.SetLoad(&llmtest.Load{Text: "the same", BadKey: "bad", Bad: llmtest.HTTP(500)})
	for key, want := range map[string]int{"good": 200, "bad": 500} {
		if status, text, _ := post(t, s.URL(), key, nil, turn("a chunk")); status != want || (text == "the same") != (want == 200) {
			t.Errorf("key %s: %d %q", key, status, text)
		}
	}
	if hits := s.Hits(); len(hits) != 2 || s.Count() != 0 {
		t.Errorf("hits %v, %d requests kept", hits, s.Count())
	}
	s.SetLoad(&llmtest.Load{Answer: func(llmtest.Request) string { return "read" }})
	for _, chunk := range []string{"a chunk", "another", "a chunk", "a chunk"} {
		post(t, s.URL(), "good", nil, turn(chunk))
	}
	if s.Repeated() != 2 {
		t.Errorf("%d of four requests came before, expected 2", s.Repeated())
	}
	s.SetLoad(nil)
	if _, text, _ := post(t, s.URL(), "good", nil, turn("a chunk")); text == "the same" || s.Count() != 1 {
		t.Errorf("after the load: %q, %d requests kept", text, s.Count())
	}
}

// Other words around equal fields change nothing; other fields do.
func TestByFieldsReadsTheFieldsAlone(t *testing.T) {
	s := llmtest.New(t)
	s.SetLoad(&llmtest.Load{Answer: llmtest.ByFields(50)})
	say := func(messages ...message) string {
		_, text, _ := post(t, s.URL(), "", nil, messages...)
		return text
	}
	chunk := "[[ ## chunk_text ## ]]\nGranite.\n\n[[ ## persona_description ## ]]\nA mason.\n\n"
	demo := []message{{"user", "[[ ## chunk_text ## ]]\nQuartz."}, {"assistant", "[[ ## query_type ## ]]\nfactual\n\n[[ ## query_format ## ]]\n(left out of this example)\n\n[[ ## completed ## ]]"}}
	plain := say(message{"system", "Plan."}, message{"user", chunk + "Respond with `[[ ## query_type ## ]]`."})
	if !strings.HasPrefix(plain, "[[ ## query_type ## ]]\n") {
		t.Errorf("no plan: %s", plain)
	}
	if other := say(message{"system", "Another text"}, message{"user", "[[ ## chunk_text ## ]]\nGranite.\n[[ ## persona_description ## ]]\nA mason."}); other != plain {
		t.Errorf("other words, other answer: %s", other)
	}
	question := say(message{"user", chunk + "[[ ## query_type ## ]]\nfactual"})
	shown := say(append(demo, message{"user", chunk + "[[ ## query_type ## ]]\nfactual"})...)
	demo[1].Content = strings.ReplaceAll(demo[1].Content, "(left out of this example)", "Not supplied for this particular example. ")
	if !strings.HasPrefix(question, "[[ ## query ## ]]\n") || question == shown {
		t.Errorf("with and without a demonstration: %s", question)
	}
	if again := say(append(demo, message{"user", chunk + "[[ ## query_type ## ]]\nfactual"})...); again != shown {
		t.Errorf("another word for a missing value, another answer: %s", again)
	}
	passed := 0
	for i := range 200 {
		text := say(message{"user", fmt.Sprintf("%s[[ ## predicted_question ## ]]\nq%d?", chunk, i)})
		if strings.Contains(text, "\n4\n") || strings.Contains(text, "\n5\n") {
			passed++
		}
	}
	if passed < 70 || passed > 130 || s.Count() != 0 {
		t.Errorf("of 200 questions %d passed, %d requests kept", passed, s.Count())
	}
}

func TestLimitsAreToldAsAsked(t *testing.T) {
	for _, c := range []struct {
		told      []llmtest.Hints
		rate, ret bool
	}{
		{nil, true, true},
		{[]llmtest.Hints{llmtest.RateHeaders}, true, false},
		{[]llmtest.Hints{llmtest.RetryAfter}, false, true},
		{[]llmtest.Hints{llmtest.NoHints}, false, false},
	} {
		s := llmtest.New(t)
		s.SetRPM(60, 1, c.told...)
		var last *http.Response
		for range 2 {
			resp, err := http.Post(s.URL()+"/chat/completions", "application/json", strings.NewReader(`{"model":"m","messages":[{"role":"user","content":"x"}]}`))
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			last = resp
		}
		if last.StatusCode != 429 || (last.Header.Get("x-ratelimit-limit-requests") == "60") != c.rate || (last.Header.Get("Retry-After") == "1") != c.ret {
			t.Errorf("told %v: %d %v", c.told, last.StatusCode, last.Header)
		}
	}
}
