package rpc

import (
	"bytes"
	"testing"

	"qgen-sidecar/rpc/wire"
)

// Any object as parameters of any method is decoded or refused, never a panic.
func FuzzParams(f *testing.F) {
	for _, s := range []string{`{}`, `{"chunk_text":"x","split":"70/30"}`, `{"split":{"train":1e400}}`, `{"metric":{"judge":1}}`, `{"programs":[null,"a"]}`,
		`{"chunk_id":-1}`, `[1]`, `{"capabilities":{"embed":{"dimension":"x"}},"protocol_version":"1.0"}`, `{"messages":[{}]}`, `{"progress_token":{}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, params []byte) {
		params = bytes.TrimSpace(params)
		if wire.Scan(params) != nil || params[0] != '{' && params[0] != '[' {
			return
		}
		for _, m := range table {
			if m.decode != nil {
				_, _ = m.decode(params)
			}
		}
		_ = decodeParams(params, &initializeParams{})
	})
}

// Any message is understood or refused with a reason.
func FuzzMessage(f *testing.F) {
	for _, s := range []string{`{"jsonrpc":"2.0","id":1e9999,"method":"x"}`, `{"id":"\ud800","result":null}`, `5`, `{"jsonrpc":"2.0","method":5}`, `{"jsonrpc":"2.0","id":1.50,"method":"a","params":[]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if wire.Scan(raw) != nil {
			return
		}
		m := parseMessage(raw)
		if m.id != nil && idKey(m.id) == "" {
			t.Errorf("%s: id %s is kept and is none", raw, m.id)
		}
		if m.fault == "" && !m.answer && m.params != nil && m.params[0] != '{' && m.params[0] != '[' {
			t.Errorf("%s: params %s", raw, m.params)
		}
	})
}
