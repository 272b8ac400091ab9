package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"qgen-sidecar/internal/clip"
)

// Parts of a split.
const (
	PartTrain = "train"
	PartDev   = "dev"
	PartTest  = "test"
	PartAll   = "all"
)

// Split is compile's split; UnmarshalJSON also takes "70/30" and "40/30/30".
type Split struct {
	Train float64 `json:"train"`
	Dev   float64 `json:"dev"`
	Test  float64 `json:"test"`
	Seed  *int64  `json:"seed"` // nil: keep the file's order
}

// DefaultSplit is 40/30/30 with seed 0.
func DefaultSplit() Split {
	seed := int64(0)
	return Split{Train: 0.4, Dev: 0.3, Test: 0.3, Seed: &seed}
}

// UnmarshalJSON takes an object or a short form such as "70/30" (train/dev) and
// "40/30/30" (train/dev/test), in percent. In an object, parts left out are 0
// once one is given; seed is 0 unless given, and null keeps the file's order.
func (s *Split) UnmarshalJSON(b []byte) error {
	var short string
	if json.Unmarshal(b, &short) == nil {
		return s.parse(short)
	}
	var given struct {
		Train, Dev, Test *float64
		Seed             json.RawMessage
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&given); err != nil {
		return &ParamError{Param: "split", Expected: `{train, dev, test, seed} or a text such as "40/30/30"`, Found: clip.Runes(string(b), 200)}
	}
	*s = DefaultSplit()
	if given.Train != nil || given.Dev != nil || given.Test != nil {
		s.Train, s.Dev, s.Test = orZero(given.Train), orZero(given.Dev), orZero(given.Test)
	}
	switch {
	case string(given.Seed) == "null":
		s.Seed = nil
	case given.Seed != nil:
		if err := json.Unmarshal(given.Seed, s.Seed); err != nil {
			return &ParamError{Param: "split.seed", Expected: "a whole number or null", Found: clip.Runes(string(given.Seed), 200)}
		}
	}
	return s.Check()
}

// Shape of the parameter.
func (Split) Shape() Shape {
	share := func(part string) map[string]any {
		return map[string]any{"type": "number", "description": "share of the " + part + " part, 0 to 1; left out: 0 once another is given"}
	}
	return Shape{`{train, dev, test, seed} or a short form like "70/30"`, map[string]any{"oneOf": []map[string]any{
		{"type": "string", "examples": []string{"70/30", "40/30/30"}},
		{"type": "object", "title": "Split", "additionalProperties": false, "properties": map[string]any{"train": share(PartTrain), "dev": share(PartDev), "test": share(PartTest),
			"seed": map[string]any{"type": []string{"integer", "null"}, "description": "fixes who is in which part; default 0; null: the file's order"}}},
	}}}
}

func (s *Split) parse(short string) error {
	wrong := &ParamError{Param: "split", Expected: `percents as "train/dev" or "train/dev/test", such as "70/30" or "40/30/30"`, Found: strconv.Quote(clip.Runes(short, 200))}
	parts := strings.Split(short, "/")
	if len(parts) < 2 || len(parts) > 3 {
		return wrong
	}
	*s = DefaultSplit()
	s.Test = 0
	for i, into := range []*float64{&s.Train, &s.Dev, &s.Test}[:len(parts)] {
		percent, err := strconv.ParseFloat(strings.TrimSpace(parts[i]), 64)
		if err != nil {
			return wrong
		}
		*into = percent / 100
	}
	return s.Check()
}

// ShareSlack forgives what binary fractions do to 0.4 + 0.3 + 0.3.
const ShareSlack = 1e-9

func (s Split) Check() error {
	for name, share := range map[string]float64{PartTrain: s.Train, PartDev: s.Dev, PartTest: s.Test} {
		if math.IsNaN(share) || share < 0 || share > 1+ShareSlack {
			return &ParamError{Param: "split." + name, Expected: "a share from 0 to 1", Found: fmt.Sprint(share)}
		}
	}
	if sum := s.Train + s.Dev + s.Test; sum > 1+ShareSlack {
		return &ParamError{Param: "split", Expected: "shares whose sum is at most 1", Found: fmt.Sprintf("%g", sum)}
	}
	return nil
}

func orZero(f *float64) float64 {
	if f == nil {
		return 0
	}
	return *f
}
