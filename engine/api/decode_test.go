package api_test

import (
	"bytes"
	"reflect"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/jsonscan"
)

// Any object as parameters of any method is decoded or refused, never a panic.
func FuzzParams(f *testing.F) {
	for _, s := range []string{`{}`, `{"chunk_text":"x","split":"70/30"}`, `{"split":{"train":1e400}}`, `{"metric":{"judge":1}}`, `{"programs":[null,"a"]}`,
		`{"chunk_id":-1}`, `[1]`, `{"capabilities":{"embed":{"dimension":"x"}},"protocol_version":"1.0"}`, `{"messages":[{}]}`, `{"progress_token":{}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, params []byte) {
		params = bytes.TrimSpace(params)
		if jsonscan.Scan(params) != nil || params[0] != '{' && params[0] != '[' {
			return
		}
		for _, m := range api.Methods() {
			_ = api.DecodeParams(params, reflect.New(m.Params).Interface())
		}
	})
}
