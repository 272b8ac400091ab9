package api

import (
	"bytes"
	"encoding/json"

	"qgen-sidecar/internal/clip"
)

// Metric is "judge", "host" or {judge, gates}.
type Metric struct {
	Name  string   // judge | host; "" judge
	Gates []string // success also needs these gates
}

const (
	MetricJudge = "judge"
	MetricHost  = "host"
)

// UnmarshalJSON takes "judge", "host" or an object. In the object `judge` may be
// left out or true (the LM judge) or name the scorer; `gates` are those that a
// success must pass besides.
func (m *Metric) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &m.Name) == nil {
		return m.Check()
	}
	given := struct {
		Judge any
		Gates []string
	}{Judge: true}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	err := dec.Decode(&given)
	name, named := given.Judge.(string)
	if err != nil || !named && given.Judge != true {
		return &ParamError{Param: "metric", Expected: `"judge", "host" or {"judge": true, "gates": [names]}`, Found: clip.Runes(string(b), 200)}
	}
	m.Name, m.Gates = MetricJudge, given.Gates
	if named {
		m.Name = name
	}
	return m.Check()
}

// Shape of the parameter.
func (Metric) Shape() Shape {
	return Shape{`"judge", "host" or {judge, gates}`, map[string]any{"title": "Metric", "oneOf": []map[string]any{
		enum("MetricName"),
		{"type": "object", "title": "JudgeMetric", "additionalProperties": false, "properties": map[string]any{
			"judge": map[string]any{"enum": []any{true, MetricJudge, MetricHost}, "description": "who scores; true: judge; default judge"},
			"gates": map[string]any{"type": "array", "items": enum("MetricGate"), "description": "gates that a success must pass besides"}}},
	}}}
}

// MarshalJSON gives the short form where it says everything.
func (m Metric) MarshalJSON() ([]byte, error) {
	if m.Name == "" {
		m.Name = MetricJudge
	}
	if len(m.Gates) == 0 {
		return json.Marshal(m.Name)
	}
	return json.Marshal(map[string]any{"judge": m.Name, "gates": m.Gates})
}

func (m Metric) Check() error {
	if m.Name != MetricJudge && m.Name != MetricHost {
		return &ParamError{Param: "metric", Expected: `"judge" or "host"`, Found: clip.Runes(m.Name, 200)}
	}
	return nil
}
