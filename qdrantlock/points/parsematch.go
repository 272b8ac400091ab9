package points

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/internal/nearest"
)

// parseMatch reads {"value": …}, {"any": […]}, {"except": […]}, {"text": …},
// {"text_any": …} or {"phrase": …}.
func parseMatch(at string, data json.RawMessage) (*qdrant.Match, error) {
	o, err := parseObject(at, data, "value", "any", "except", "text", "text_any", "phrase")
	if err != nil {
		return nil, err
	}
	if len(o.values) != 1 {
		return nil, expected(at, "exactly one of value, any, except, text, text_any, phrase", data)
	}
	var text string
	switch {
	case o.has("value"):
		return parseMatchValue(o.at("value"))
	case o.has("any"):
		words, numbers, err := parseList(o.at("any"))
		if numbers != nil {
			return &qdrant.Match{MatchValue: &qdrant.Match_Integers{Integers: &qdrant.RepeatedIntegers{Integers: numbers}}}, err
		}
		return &qdrant.Match{MatchValue: &qdrant.Match_Keywords{Keywords: &qdrant.RepeatedStrings{Strings: words}}}, err
	case o.has("except"):
		words, numbers, err := parseList(o.at("except"))
		if numbers != nil {
			return &qdrant.Match{MatchValue: &qdrant.Match_ExceptIntegers{ExceptIntegers: &qdrant.RepeatedIntegers{Integers: numbers}}}, err
		}
		return &qdrant.Match{MatchValue: &qdrant.Match_ExceptKeywords{ExceptKeywords: &qdrant.RepeatedStrings{Strings: words}}}, err
	case o.has("text"):
		err = o.decode("text", "a string", &text)
		return &qdrant.Match{MatchValue: &qdrant.Match_Text{Text: text}}, err
	case o.has("text_any"):
		err = o.decode("text_any", "a string", &text)
		return &qdrant.Match{MatchValue: &qdrant.Match_TextAny{TextAny: text}}, err
	}
	err = o.decode("phrase", "a string", &text)
	return &qdrant.Match{MatchValue: &qdrant.Match_Phrase{Phrase: text}}, err
}

func parseMatchValue(at string, data json.RawMessage) (*qdrant.Match, error) {
	var text string
	var number int64
	var truth bool
	switch {
	case isNullJSON(data):
	case json.Unmarshal(data, &text) == nil:
		return &qdrant.Match{MatchValue: &qdrant.Match_Keyword{Keyword: text}}, nil
	case json.Unmarshal(data, &number) == nil:
		return &qdrant.Match{MatchValue: &qdrant.Match_Integer{Integer: number}}, nil
	case json.Unmarshal(data, &truth) == nil:
		return &qdrant.Match{MatchValue: &qdrant.Match_Boolean{Boolean: truth}}, nil
	}
	return nil, expected(at, "a string, a whole number, true or false", data)
}

// parseList reads an array of strings or of whole numbers; an empty one is of
// strings.
func parseList(at string, data json.RawMessage) ([]string, []int64, error) {
	var words []string
	if !bytes.Contains(data, []byte("null")) && json.Unmarshal(data, &words) == nil {
		return words, nil, nil
	}
	var numbers []int64
	if !bytes.Contains(data, []byte("null")) && json.Unmarshal(data, &numbers) == nil {
		return nil, numbers, nil
	}
	return nil, nil, expected(at, "an array of strings or of whole numbers", data)
}

func parseGeo(f *qdrant.FieldCondition, o jsonObject) error {
	if o.has("geo_radius") {
		in, err := parseObject2(o, "geo_radius", "center", "radius")
		if err != nil {
			return err
		}
		f.GeoRadius = &qdrant.GeoRadius{}
		if err := in.decode("radius", "metres", &f.GeoRadius.Radius); err != nil {
			return err
		}
		if f.GeoRadius.Center, err = parsePoint(in.at("center")); err != nil {
			return err
		}
	}
	if o.has("geo_bounding_box") {
		in, err := parseObject2(o, "geo_bounding_box", "top_left", "bottom_right")
		if err != nil {
			return err
		}
		f.GeoBoundingBox = &qdrant.GeoBoundingBox{}
		if f.GeoBoundingBox.TopLeft, err = parsePoint(in.at("top_left")); err != nil {
			return err
		}
		if f.GeoBoundingBox.BottomRight, err = parsePoint(in.at("bottom_right")); err != nil {
			return err
		}
	}
	if o.has("geo_polygon") {
		return parsePolygon(f, o)
	}
	return nil
}

func parsePolygon(f *qdrant.FieldCondition, o jsonObject) error {
	in, err := parseObject2(o, "geo_polygon", "exterior", "interiors")
	if err != nil {
		return err
	}
	f.GeoPolygon = &qdrant.GeoPolygon{}
	if f.GeoPolygon.Exterior, err = parseLine(in.at("exterior")); err != nil || !in.has("interiors") {
		return err
	}
	var lines []json.RawMessage
	if err := in.decode("interiors", "an array of lines", &lines); err != nil {
		return err
	}
	for i, raw := range lines {
		line, err := parseLine(fmt.Sprintf("%s.interiors[%d]", in.path, i), raw)
		if err != nil {
			return err
		}
		f.GeoPolygon.Interiors = append(f.GeoPolygon.Interiors, line)
	}
	return nil
}

func parseLine(at string, data json.RawMessage) (*qdrant.GeoLineString, error) {
	o, err := parseObject(at, data, "points")
	if err != nil {
		return nil, err
	}
	var list []json.RawMessage
	if err := o.decode("points", "an array of points", &list); err != nil {
		return nil, err
	}
	line := &qdrant.GeoLineString{}
	for i, raw := range list {
		p, err := parsePoint(fmt.Sprintf("%s.points[%d]", at, i), raw)
		if err != nil {
			return nil, err
		}
		line.Points = append(line.Points, p)
	}
	return line, nil
}

func parsePoint(at string, data json.RawMessage) (*qdrant.GeoPoint, error) {
	o, err := parseObject(at, data, "lon", "lat")
	if err != nil {
		return nil, err
	}
	p := &qdrant.GeoPoint{}
	if err := o.decode("lon", "degrees", &p.Lon); err != nil {
		return nil, err
	}
	return p, o.decode("lat", "degrees", &p.Lat)
}

// jsonObject is a JSON object whose keys have been checked. Keys with null
// count as absent.
type jsonObject struct {
	path   string
	values map[string]json.RawMessage
}

func parseObject(at string, data json.RawMessage, known ...string) (jsonObject, error) {
	o := jsonObject{path: at}
	if err := json.Unmarshal(data, &o.values); err != nil || o.values == nil {
		return o, expected(at, "an object with "+strings.Join(known, ", "), data)
	}
	for _, key := range slices.Sorted(maps.Keys(o.values)) {
		if !contains(known, key) {
			return o, fmt.Errorf("%s: unknown key %q%s", at, key, meant(key, known))
		}
		if isNullJSON(o.values[key]) {
			delete(o.values, key)
		}
	}
	return o, nil
}

func parseObject2(o jsonObject, key string, known ...string) (jsonObject, error) {
	at, data := o.at(key)
	return parseObject(at, data, known...)
}

func (o jsonObject) has(key string) bool { _, ok := o.values[key]; return ok }

func (o jsonObject) only(key string) bool { return o.has(key) && len(o.values) == 1 }

func (o jsonObject) at(key string) (string, json.RawMessage) {
	return o.path + "." + key, o.values[key]
}

func (o jsonObject) decode(key, want string, to any) error {
	at, data := o.at(key)
	if len(data) == 0 {
		return fmt.Errorf("%s: expected %s, found nothing", at, want)
	}
	if json.Unmarshal(data, to) != nil {
		return expected(at, want, data)
	}
	return nil
}

func (o jsonObject) decodeIf(key, want string, to any) error {
	if !o.has(key) {
		return nil
	}
	return o.decode(key, want, to)
}

func expected(at, want string, found json.RawMessage) error {
	text := string(found)
	if len(text) > 80 {
		text = text[:80] + "…"
	}
	if text == "" {
		text = "nothing"
	}
	return fmt.Errorf("%s: expected %s, found %s", at, want, text)
}

func isNullJSON(data json.RawMessage) bool {
	return len(data) == 0 || bytes.Equal(bytes.TrimSpace(data), []byte("null"))
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }

// meant says which known key was probably meant, or all that are known.
func meant(key string, known []string) string {
	if near := nearest.Of(key, known); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return "; known here: " + strings.Join(known, ", ")
}
