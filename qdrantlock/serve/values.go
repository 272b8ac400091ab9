package serve

import (
	"math"
	"strings"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/qdrantlock/folder"
	"qgen-sidecar/qdrantlock/points"
)

// toValues makes Qdrant values of a payload. Text that is not UTF-8, which
// Python can leave in a folder, cannot travel: its bad bytes become U+FFFD.
func toValues(payload map[string]any) map[string]*qdrant.Value {
	if payload == nil {
		return nil
	}
	out := make(map[string]*qdrant.Value, len(payload))
	for k, v := range payload {
		out[valid(k)] = toValue(v)
	}
	return out
}

func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func toValue(v any) *qdrant.Value {
	switch v := v.(type) {
	case bool:
		return qdrant.NewValueBool(v)
	case int64:
		return qdrant.NewValueInt(v)
	case uint64:
		return points.WholeValue(v, nil)
	case float64:
		return qdrant.NewValueDouble(v)
	case string:
		return qdrant.NewValueString(valid(v))
	case []any:
		list := make([]*qdrant.Value, len(v))
		for i, x := range v {
			list[i] = toValue(x)
		}
		return qdrant.NewValueFromList(list...)
	case map[string]any:
		return qdrant.NewValueFromFields(toValues(v))
	}
	return qdrant.NewValueNull()
}

func toID(id folder.ID) *qdrant.PointId {
	if id.UUID != "" {
		return qdrant.NewIDUUID(id.UUID)
	}
	return qdrant.NewIDNum(id.Num)
}

func fromIDs(in []*qdrant.PointId) ([]folder.ID, error) {
	out := make([]folder.ID, len(in))
	for i, id := range in {
		var err error
		if out[i], err = points.ParseID(id); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func payloadSelector(s *qdrant.WithPayloadSelector, whenAbsent bool) (points.Selector, error) {
	switch o := s.GetSelectorOptions().(type) {
	case *qdrant.WithPayloadSelector_Include:
		return points.Include(o.Include.GetFields())
	case *qdrant.WithPayloadSelector_Exclude:
		return points.Exclude(o.Exclude.GetFields())
	case *qdrant.WithPayloadSelector_Enable:
		whenAbsent = o.Enable
	}
	if whenAbsent {
		return points.WholePayload, nil
	}
	return points.NoPayload, nil
}

// fetchOf reads the two selectors of a request. Scroll and Get send payloads
// when not asked, queries do not.
func fetchOf(payload *qdrant.WithPayloadSelector, vectors *qdrant.WithVectorsSelector, payloadWhenAbsent bool) (points.Fetch, error) {
	sel, err := payloadSelector(payload, payloadWhenAbsent)
	want := points.Fetch{Payload: sel}
	switch o := vectors.GetSelectorOptions().(type) {
	case *qdrant.WithVectorsSelector_Enable:
		want.Vectors = o.Enable
	case *qdrant.WithVectorsSelector_Include:
		want.Vectors, want.Names = true, append([]string{}, o.Include.GetNames()...)
	}
	return want, err
}

func toRetrieved(r points.Record) *qdrant.RetrievedPoint {
	return &qdrant.RetrievedPoint{
		Id: toID(r.ID), Payload: toValues(r.Payload), Vectors: toVectors(r.Vectors), OrderValue: toOrderValue(r.Order),
	}
}

func toScored(r points.Record, score float32) *qdrant.ScoredPoint {
	return &qdrant.ScoredPoint{
		Id: toID(r.ID), Payload: toValues(r.Payload), Vectors: toVectors(r.Vectors), OrderValue: toOrderValue(r.Order),
		Score: score,
	}
}

func toOrderValue(v any) *qdrant.OrderValue {
	switch v := v.(type) {
	case int64:
		return &qdrant.OrderValue{Variant: &qdrant.OrderValue_Int{Int: v}}
	case float64:
		return &qdrant.OrderValue{Variant: &qdrant.OrderValue_Float{Float: v}}
	}
	return nil
}

func orderBy(o *qdrant.OrderBy) (points.OrderBy, error) {
	path, err := points.ParsePath(o.GetKey())
	out := points.OrderBy{Path: path, Descending: o.GetDirection() == qdrant.Direction_Desc}
	switch s := o.GetStartFrom().GetValue().(type) {
	case *qdrant.StartFrom_Float:
		out.From = s.Float
	case *qdrant.StartFrom_Integer:
		out.From = s.Integer
	case *qdrant.StartFrom_Timestamp:
		out.From = s.Timestamp.AsTime().UnixMicro()
	case *qdrant.StartFrom_Datetime:
		if out.From = points.OrderValue(s.Datetime); out.From == nil && err == nil {
			err = invalidf("order_by.start_from: expected a date, found %q", s.Datetime)
		}
	}
	if f, ok := out.From.(float64); ok && math.IsNaN(f) && err == nil {
		err = invalid("order_by.start_from: expected a number, found NaN")
	}
	return out, err
}
