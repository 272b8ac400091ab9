package points

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// ParseFilter turns a filter in REST's JSON shape into the client's own
// message. It is strict: an unknown key is refused by name, with the nearest
// known one. null and {} give an empty filter, which every point matches.
func ParseFilter(data []byte) (*qdrant.Filter, error) {
	filter, err := parseFilter("filter", data)
	if err != nil {
		return nil, err
	}
	_, err = Compile(filter) // paths, ids, counts
	return filter, err
}

func parseFilter(at string, data json.RawMessage) (*qdrant.Filter, error) {
	if isNullJSON(data) {
		return &qdrant.Filter{}, nil
	}
	o, err := parseObject(at, data, "must", "must_not", "should", "min_should")
	if err != nil {
		return nil, err
	}
	f := &qdrant.Filter{}
	if f.Must, err = parseConditions(o.at("must")); err != nil {
		return nil, err
	}
	if f.MustNot, err = parseConditions(o.at("must_not")); err != nil {
		return nil, err
	}
	if f.Should, err = parseConditions(o.at("should")); err != nil {
		return nil, err
	}
	if o.has("min_should") {
		f.MinShould, err = parseMinShould(o.at("min_should"))
	}
	return f, err
}

func parseMinShould(at string, data json.RawMessage) (*qdrant.MinShould, error) {
	o, err := parseObject(at, data, "conditions", "min_count")
	if err != nil {
		return nil, err
	}
	out := &qdrant.MinShould{}
	if err := o.decode("min_count", "a whole number of at least 1", &out.MinCount); err != nil {
		return nil, err
	}
	out.Conditions, err = parseConditions(o.at("conditions"))
	return out, err
}

// parseConditions takes one condition or an array of them.
func parseConditions(at string, data json.RawMessage) ([]*qdrant.Condition, error) {
	if isNullJSON(data) {
		return nil, nil
	}
	list := []json.RawMessage{data}
	if data[0] == '[' {
		if err := json.Unmarshal(data, &list); err != nil {
			return nil, expected(at, "an array of conditions", data)
		}
	}
	out := make([]*qdrant.Condition, 0, len(list))
	for i, item := range list {
		c, err := parseCondition(fmt.Sprintf("%s[%d]", at, i), item)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

var (
	fieldKeys = []string{"key", "match", "range", "geo_bounding_box", "geo_radius", "geo_polygon", "values_count", "is_empty", "is_null"}
	otherKeys = []string{"has_id", "has_vector", "nested", "filter", "must", "must_not", "should", "min_should"}
)

func parseCondition(at string, data json.RawMessage) (*qdrant.Condition, error) {
	o, err := parseObject(at, data, append(append([]string{"slice"}, fieldKeys...), otherKeys...)...)
	if err != nil {
		return nil, err
	}
	switch {
	case len(o.values) == 0:
		return nil, expected(at, "a condition", data)
	case o.has("slice"):
		return nil, fmt.Errorf("%s: condition \"slice\" is not in the version of Qdrant's API that this program speaks; leave it out", at)
	case o.has("key"):
		return parseField(o)
	case o.only("is_empty"):
		key, err := parseKeyObject(o.at("is_empty"))
		return qdrant.NewIsEmpty(key), err
	case o.only("is_null"):
		key, err := parseKeyObject(o.at("is_null"))
		return qdrant.NewIsNull(key), err
	case o.only("has_id"):
		return parseHasID(o.at("has_id"))
	case o.only("has_vector"):
		var name string
		err := o.decode("has_vector", "a vector's name", &name)
		return qdrant.NewHasVector(name), err
	case o.only("nested"):
		return parseNested(o.at("nested"))
	case o.only("filter"):
		f, err := parseFilter(o.at("filter"))
		return qdrant.NewFilterAsCondition(f), err
	}
	f, err := parseFilter(at, data) // a filter in place of a condition
	return qdrant.NewFilterAsCondition(f), err
}

func parseKeyObject(at string, data json.RawMessage) (key string, err error) {
	o, err := parseObject(at, data, "key")
	if err != nil {
		return "", err
	}
	err = o.decode("key", "a payload key", &key)
	return key, err
}

func parseNested(at string, data json.RawMessage) (*qdrant.Condition, error) {
	o, err := parseObject(at, data, "key", "filter")
	if err != nil {
		return nil, err
	}
	var key string
	if err := o.decode("key", "a payload key", &key); err != nil {
		return nil, err
	}
	f, err := parseFilter(o.at("filter"))
	return qdrant.NewNestedFilter(key, f), err
}

func parseHasID(at string, data json.RawMessage) (*qdrant.Condition, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, expected(at, "an array of point ids", data)
	}
	ids := make([]*qdrant.PointId, 0, len(list))
	for i, item := range list {
		var num uint64
		var text string
		switch {
		case json.Unmarshal(item, &num) == nil:
			ids = append(ids, qdrant.NewIDNum(num))
		case json.Unmarshal(item, &text) == nil:
			ids = append(ids, qdrant.NewIDUUID(text))
		default:
			return nil, expected(fmt.Sprintf("%s[%d]", at, i), "a whole number or a UUID", item)
		}
	}
	return qdrant.NewHasID(ids...), nil
}

// parseField reads {"key": …, <one test>}.
func parseField(o jsonObject) (*qdrant.Condition, error) {
	for key := range o.values {
		if !contains(fieldKeys, key) {
			return nil, fmt.Errorf("%s: key %q cannot stand beside \"key\"; known there: %s", o.path, key, strings.Join(fieldKeys[1:], ", "))
		}
	}
	f := &qdrant.FieldCondition{}
	if err := o.decode("key", "a payload key", &f.Key); err != nil {
		return nil, err
	}
	var err error
	if o.has("match") {
		f.Match, err = parseMatch(o.at("match"))
	}
	if err == nil && o.has("range") {
		err = parseRange(f, o)
	}
	if err == nil && o.has("values_count") {
		f.ValuesCount, err = parseValuesCount(o.at("values_count"))
	}
	if err == nil && o.has("is_empty") {
		err = o.decode("is_empty", "true or false", &f.IsEmpty)
	}
	if err == nil && o.has("is_null") {
		err = o.decode("is_null", "true or false", &f.IsNull)
	}
	if err == nil {
		err = parseGeo(f, o)
	}
	return &qdrant.Condition{ConditionOneOf: &qdrant.Condition_Field{Field: f}}, err
}

func parseValuesCount(at string, data json.RawMessage) (*qdrant.ValuesCount, error) {
	o, err := parseObject(at, data, "lt", "lte", "gt", "gte")
	if err != nil {
		return nil, err
	}
	out := &qdrant.ValuesCount{}
	for key, to := range map[string]**uint64{"lt": &out.Lt, "lte": &out.Lte, "gt": &out.Gt, "gte": &out.Gte} {
		if err := o.decodeIf(key, "a whole number", to); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// parseRange tells numbers from dates by the bounds' JSON type.
func parseRange(f *qdrant.FieldCondition, o jsonObject) error {
	at, data := o.at("range")
	bounds, err := parseObject(at, data, "lt", "lte", "gt", "gte")
	if err != nil {
		return err
	}
	for _, raw := range bounds.values {
		if len(raw) > 0 && raw[0] == '"' {
			return parseDatetimeRange(f, bounds)
		}
	}
	f.Range = &qdrant.Range{}
	r := f.Range
	for key, to := range map[string]**float64{"lt": &r.Lt, "lte": &r.Lte, "gt": &r.Gt, "gte": &r.Gte} {
		if err := bounds.decodeIf(key, "a number or a date", to); err != nil {
			return err
		}
	}
	return nil
}

func parseDatetimeRange(f *qdrant.FieldCondition, bounds jsonObject) error {
	f.DatetimeRange = &qdrant.DatetimeRange{}
	r := f.DatetimeRange
	for key, to := range map[string]**timestamppb.Timestamp{"lt": &r.Lt, "lte": &r.Lte, "gt": &r.Gt, "gte": &r.Gte} {
		var text *string
		if err := bounds.decodeIf(key, "a date like the other bound", &text); err != nil {
			return err
		}
		if text == nil {
			continue
		}
		at, ok := ParseDatetime(*text)
		if !ok {
			return expected(bounds.path+"."+key, "a date like "+time.DateOnly+" or RFC 3339", bounds.values[key])
		}
		*to = timestamppb.New(at)
	}
	return nil
}
