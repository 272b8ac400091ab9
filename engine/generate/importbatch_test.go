package generate_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

// runBatch is a batch API over the world's model server: it answers each request
// of the files, and writes results in the order of its own choice.
func runBatch(w *enginetest.World, files []string, result string, lost func(n int) string) {
	w.T.Helper()
	var out []string
	for _, path := range files {
		for n, l := range readBatch(w.T, path) {
			if lost != nil && lost(n) != "" {
				out = append(out, fmt.Sprintf(`{"id": "r", "custom_id": %q, %s}`, l.CustomID, lost(n)))
				continue
			}
			reply, err := http.Post(w.LLM.URL()+"/chat/completions", "application/json", bytes.NewReader(l.Body))
			if err != nil {
				w.T.Fatal(err)
			}
			body, err := io.ReadAll(reply.Body)
			reply.Body.Close()
			if err != nil || reply.StatusCode != 200 {
				w.T.Fatalf("%d %s %v", reply.StatusCode, body, err)
			}
			out = append([]string{fmt.Sprintf(`{"id": "r", "custom_id": %q, "response": {"status_code": 200, "request_id": "x", "body": %s}, "error": null}`, l.CustomID, body)}, out...)
		}
	}
	w.Write(result, strings.Join(out, "\n")+"\n")
}

func TestWhatABatchLostIsExportedAgain(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	p := api.ExportBatchParams{GenerateAllParams: api.GenerateAllParams{Output: w.Path("out.jsonl")}, Batch: w.Path("one")}
	e := enginetest.Must(w.ExportBatch(t.Context(), p))(t)
	runBatch(w, e.Files, "results.jsonl", func(n int) string {
		return map[int]string{0: `"response": null, "error": {"code": "batch_expired", "message": "too late"}`,
			1: `"response": {"status_code": 429, "body": {"error": {"message": "slow down"}}}, "error": null`,
			2: `"response": {"status_code": 200, "body": {"choices": [{"message": {"content": ""}, "finish_reason": "length"}]}}, "error": null`,
			3: `"response": {"status_code": 200, "body": "no object"}, "error": null`}[n]
	})
	w.Write("results.jsonl", w.Read("results.jsonl")+"{\"custom_id\": \"strange\", \"response\": {\"status_code\": 200, \"body\": {}}}\n{\"custom_id\": \"ab")
	r := enginetest.Must(w.ImportBatch(t.Context(), api.ImportBatchParams{Results: []string{w.Path("results.jsonl")}}))(t)
	if r.Imported != 4 || r.Failed != 6 {
		t.Errorf("result %+v", r)
	}
	for _, want := range []string{"batch_expired: too late", "HTTP 429: slow down", "raise max_tokens", "expected a chat completion", "expected the 64 hex digits", "expected a JSON object"} {
		if !strings.Contains(fmt.Sprint(r.Failures), want) {
			t.Errorf("no failure says %q: %+v", want, r.Failures)
		}
	}
	p.Batch = w.Path("two")
	if e := enginetest.Must(w.ExportBatch(t.Context(), p))(t); e.Requests != 8 { // four again, four of the next step
		t.Errorf("%d requests", e.Requests)
	}
	for n, custom := 0, readBatch(t, e.Files[0]); n < 4; n++ {
		if !strings.Contains(w.Read("two-00001.jsonl"), custom[n].CustomID) {
			t.Errorf("request %d is lost", n)
		}
	}
}
