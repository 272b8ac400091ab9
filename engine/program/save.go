package program

import (
	"bytes"
	"encoding/json"

	"qgen-sidecar/engine/program/jsontext"
	"qgen-sidecar/internal/atomicfile"
)

// Save replaces path atomically with DSPy's state file: its keys in its order,
// two spaces of indent, texts unescaped, and a newline at the end.
func (p *Program) Save(path string) error {
	data, err := p.Encode()
	if err == nil {
		err = atomicfile.ReplaceBytes(path, 0o644, data)
	}
	if err != nil {
		return &FileError{Path: path, Reason: "cannot be written: " + reason(err), Err: err}
	}
	return nil
}

// Encode is what Save writes.
func (p *Program) Encode() ([]byte, error) {
	b := []byte{'{'}
	for _, pr := range p.Predictors {
		b = append(append(jsontext.AppendString(b, pr.Name), ':'), pr.state()...)
		b = append(b, ',')
	}
	b = append(append(b, `"metadata":`...), p.savedMetadata()...)
	b = append(b, '}')
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// state is one predictor, keys in DSPy's order.
func (p *Predictor) state() []byte {
	b := []byte(`{"traces":` + p.extraOr("traces", "[]") + `,"train":` + p.extraOr("train", "[]") + `,"demos":[`)
	for i, d := range p.Demos {
		if i > 0 {
			b = append(b, ',')
		}
		demo, _ := d.MarshalJSON() // values are canonical JSON already: cannot fail
		b = append(b, demo...)
	}
	b = append(b, `],"signature":{"instructions":`...)
	b = append(jsontext.AppendString(b, p.Signature.Instructions), `,"fields":[`...)
	for i, f := range p.Signature.Fields() {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(jsontext.AppendString(append(b, `{"prefix":`...), f.Prefix), `,"description":`...)
		b = append(jsontext.AppendString(b, f.Desc), '}')
	}
	b = append(b, "]}"...)
	if f, ok := p.extra["fields"]; ok {
		b = append(append(b, `,"fields":`...), f...)
	}
	return append(b, `,"lm":`+p.extraOr("lm", "null")+`}`...)
}

func (p *Predictor) extraOr(key, otherwise string) string {
	if v, ok := p.extra[key]; ok {
		return string(v)
	}
	return otherwise
}

// savedMetadata is what was loaded, with dependency_versions made such that
// DSPy accepts it: an object of no other keys than those it knows (another one
// is a KeyError there).
func (p *Program) savedMetadata() []byte {
	keys, meta, err := jsontext.Object(p.metadata)
	if err != nil {
		return []byte(`{"dependency_versions":{}}`)
	}
	if _, have := meta["dependency_versions"]; !have {
		keys = append(keys, "dependency_versions")
	}
	meta["dependency_versions"] = knownVersions(meta["dependency_versions"])
	return jsontext.WriteObject(keys, meta)
}

func knownVersions(raw json.RawMessage) json.RawMessage {
	keys, versions, err := jsontext.Object(raw)
	if err != nil {
		return json.RawMessage("{}")
	}
	var kept []string
	for _, k := range keys {
		if k == "python" || k == "dspy" || k == "cloudpickle" {
			kept = append(kept, k)
		}
	}
	return jsontext.WriteObject(kept, versions)
}
