package rpc_test

import (
	"context"
	"strings"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/qdrantlock"
)

// The last notification comes before the reply; a bad token is refused.
func TestProgressToken(t *testing.T) {
	f := &fake{fetch: func(context.Context, api.FetchParams) (*api.FetchResult, error) {
		return &api.FetchResult{}, nil
	}}
	h := ready(t, f, `{}`)
	for _, token := range []string{`"t"`, "7"} {
		h.call("1", "fetch", `{"progress_token":`+token+`}`)
		r := h.recv()
		if r.Method != "$/progress" || string(r.Params) != `{"token":`+token+`,"stage":"done","done":0,"total":0,"message":"","usage":null}` {
			t.Errorf("token %s: %s %s", token, r.Method, r.Params)
		}
		if r := h.recv(); string(r.ID) != "1" || r.Error != nil {
			t.Errorf("token %s: %+v", token, r)
		}
	}
	for _, token := range []string{"{}", "[1]", "true"} {
		h.call("1", "fetch", `{"progress_token":`+token+`}`)
		if r := h.recv(); r.code() != -32602 || !strings.Contains(r.Error.Message, "progress_token") {
			t.Errorf("token %s: %+v", token, r.Error)
		}
	}
}

// status is for diagnosis: a store that does not answer must not hide the rest.
func TestStatusWithoutTheStoresAnswer(t *testing.T) {
	f := &fake{store: &api.StoreInfo{Mode: "server", URL: "http://q:6334", Collections: []api.CollectionInfo{}},
		storeErr: &qdrantlock.StoreError{URL: "http://q:6334", Reason: "cannot be reached"}}
	h := ready(t, f, `{}`)
	h.call("3", "status", `{}`)
	r := h.recv()
	for _, want := range []string{`"endpoints":[]`, `"url":"http://q:6334"`, `"collections":[]`, `cannot be reached`} {
		if !strings.Contains(string(r.Result), want) {
			t.Errorf("no %s in %s %+v", want, r.Result, r.Error)
		}
	}
}

// status lists long calls under the caller's id.
func TestStatusJobs(t *testing.T) {
	begun := make(chan struct{})
	f := &fake{gen: hang, fetch: func(ctx context.Context, _ api.FetchParams) (*api.FetchResult, error) {
		close(begun)
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	h := ready(t, f, `{}`)
	h.call(`"long"`, "fetch", `{}`)
	h.call("2", "generate", `{"chunk_text":"x"}`)
	<-begun
	h.call("3", "status", `{}`)
	r := h.recv()
	if !strings.Contains(string(r.Result), `"store":null,"endpoints":[],"jobs":[{"id":"long","method":"fetch","done":0,"total":0}]`) {
		t.Errorf("status: %s", r.Result)
	}
}
