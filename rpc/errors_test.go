package rpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/qdrantlock"
)

// The table of codes in docs/reference.md, also through wrapping.
func TestWireError(t *testing.T) {
	retry := 1.5
	for _, c := range []struct {
		err  error
		code int64
		data string
	}{
		{errors.New("a surprise"), -32603, ""},
		{&api.ParamError{Param: "count", Expected: "a number", Found: "0"}, -32602, `{"expected":"a number","found":"0","param":"count"}`},
		{&config.Error{Path: "/q.toml", Key: "store.pth", Line: 3, Reason: "unknown"}, -32602, `{"key":"store.pth","line":3,"param":"config","path":"/q.toml","reason":"unknown"}`},
		{&config.Error{Key: "store", Reason: "r"}, -32602, `{"key":"store","param":"config","reason":"r"}`},
		{context.Canceled, -32800, ""},
		{context.DeadlineExceeded, -32800, `{"reason":"timeout"}`},
		{&api.TimeoutError{Seconds: 2}, -32800, `{"reason":"timeout"}`},
		{&qdrantlock.LockedError{Path: "/db", HolderPID: 7}, -32010, `{"holder_pid":7,"path":"/db"}`},
		{&qdrantlock.LockedError{Path: "/db"}, -32010, `{"path":"/db"}`},
		{&qdrantlock.StoreError{Path: "/db", Collection: "c", Reason: "r"}, -32011, `{"collection":"c","path":"/db","reason":"r"}`},
		{&qdrantlock.StoreError{URL: "http://h", Reason: "r"}, -32011, `{"reason":"r","url":"http://h"}`},
		{&dispatcher.NoEndpointError{Model: "m"}, -32012, `{"endpoints":[]}`},
		{&dispatcher.NoEndpointError{Endpoints: []dispatcher.EndpointFailure{{Name: "a", State: "dead", LastError: "401", RetryInS: &retry}}}, -32012, `{"endpoints":[{"name":"a","state":"dead","last_error":"401","retry_in_s":1.5}]}`},
		{&api.FileError{Path: "/g", Line: 4, Reason: "r"}, -32013, `{"line":4,"path":"/g","reason":"r"}`},
		{&program.FileError{Path: "/p", At: "analyzer", Reason: "r"}, -32013, `{"path":"/p","reason":"at analyzer: r"}`},
		{&api.ReplyError{Role: "judge", Reply: "hm", Reason: "r"}, -32014, `{"reason":"r","reply":"hm","role":"judge"}`},
		{&dispatcher.ReplyError{Role: "task", Reply: "", Reason: "r"}, -32014, `{"reason":"r","reply":"","role":"task"}`},
		{&program.ReplyError{Role: "task", Predictor: "analyzer", Reply: "x", Reason: "r"}, -32014, `{"reason":"analyzer: r","reply":"x","role":"task"}`},
		{&api.BudgetError{Usage: api.Usage{Calls: 1}, Budget: dispatcher.Budget{MaxCalls: 1}, PartialOutput: "/o"}, -32015, `{"budget":{"max_calls":1},"partial_output":"/o","usage":{"calls":1,"cached":0,"prompt_tokens":0,"completion_tokens":0,"usd":null}}`},
		{&dispatcher.BudgetError{Budget: dispatcher.Budget{MaxCalls: 2}}, -32015, `{"budget":{"max_calls":2},"usage":{"calls":0,"cached":0,"prompt_tokens":0,"completion_tokens":0,"usd":null}}`},
		{&api.CallbackError{Callback: "score", Reason: "r"}, -32016, `{"callback":"score","reason":"r"}`},
	} {
		for _, err := range []error{c.err, fmt.Errorf("while working: %w", c.err)} {
			got := wireError(err)
			data := ""
			if got.Data != nil {
				data = string(*got.Data)
			}
			if got.Code != c.code || data != c.data || got.Message != err.Error() {
				t.Errorf("%T: %d %q %s, want %d %s", c.err, got.Code, got.Message, data, c.code, c.data)
			}
			if _, err := json.Marshal(got); err != nil {
				t.Errorf("%T: %v", c.err, err)
			}
		}
	}
}
