package stream

import (
	"encoding/json"
	"math/big"
	"strings"

	"qgen-sidecar/internal/jsonscan"
	"qgen-sidecar/internal/jsonvalue"
)

// message is one incoming JSON-RPC message, taken apart but not decoded: the
// parts are as they were sent.
type message struct {
	id      []byte // nil: absent
	method  string
	params  []byte // nil: absent or null
	result  []byte
	failure []byte
	fault   string // why it is no valid message; "" it is one
	answer  bool   // a response to a call of ours
}

// parseMessage takes apart a JSON value that jsonscan.Scan accepted, without blanks
// around it.
func parseMessage(raw []byte) message {
	if raw[0] != '{' {
		return message{fault: "expected an object, found " + jsonvalue.Kind(raw)}
	}
	var m message
	var version, method []byte
	jsonscan.Members(raw, func(key string, value []byte) {
		switch key {
		case "jsonrpc":
			version = value
		case "id":
			m.id = value
		case "method":
			method = value
		case "params":
			m.params = value
		case "result":
			m.result = value
		case "error":
			m.failure = value
		}
	})
	m.answer = method == nil && (m.result != nil || m.failure != nil)
	m.check(version, method)
	return m
}

// check fills in method and fault. The id stays, if it is one, so that the
// refusal can carry it.
func (m *message) check(version, method []byte) {
	if m.id != nil && idKey(m.id) == "" {
		m.fault = "id: expected a string, a number or null, found " + jsonvalue.Kind(m.id)
		m.id = nil
		return
	}
	if _, found := jsonvalue.Unsound(m.id, 0); found != "" {
		m.fault = "id: found " + found
		m.id = nil
		return
	}
	switch {
	case unquoted(version) != "2.0":
		m.fault = `jsonrpc: expected "2.0"`
	case m.answer:
	case method == nil:
		m.fault = "method: expected a string, found nothing"
	case jsonvalue.Kind(method) != "a string":
		m.fault = "method: expected a string, found " + jsonvalue.Kind(method)
	case m.params != nil && jsonvalue.Kind(m.params) == "null":
		m.params = nil
	case m.params != nil && m.params[0] != '{' && m.params[0] != '[':
		m.fault = "params: expected an object, found " + jsonvalue.Kind(m.params)
	}
	if m.fault == "" && !m.answer {
		m.method = unquoted(method)
	}
}

func unquoted(raw []byte) string {
	var s string
	_ = json.Unmarshal(raw, &s)
	return s
}

// idKey is equal for ids that are the same id ("a" and "\u0061", 1 and 1.0),
// and "" for what cannot be an id.
func idKey(raw []byte) string {
	switch jsonvalue.Kind(raw) {
	case "a string":
		return `"` + unquoted(raw)
	case "a number":
		text := string(raw)
		// Exponents are left as they are: 1e999999999 must not be spelled out.
		if strings.Contains(text, ".") && !strings.ContainsAny(text, "eE") && len(text) <= 40 {
			if r, ok := new(big.Rat).SetString(text); ok {
				return r.RatString()
			}
		}
		return text
	case "null": // JSON-RPC 2.0 discourages it, and allows it
		return "null"
	}
	return ""
}
