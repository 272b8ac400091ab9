package points

import (
	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/qdrantlock/folder"
)

// Subject is a point as a filter sees it.
type Subject struct {
	ID      folder.ID
	Payload map[string]any
	Has     func(vector string) bool
	inner   bool // an element under a nested condition: it has no id
}

// Filter is a compiled qdrant.Filter. The zero value and nil match everything.
// Safe for concurrent use.
type Filter struct {
	must, mustNot, should []condition
	minShould             []condition
	minCount              uint64 // 0: no min_should

	needPayload, needVectors bool
}

type condition interface{ match(Subject) bool }

// Compile checks a filter whole, parses its paths and tells what it needs.
// Anything it does not know is an Error that names it.
func Compile(f *qdrant.Filter) (*Filter, error) {
	if f == nil {
		return nil, nil
	}
	out := &Filter{}
	return out, out.compile(f)
}

func (f *Filter) compile(src *qdrant.Filter) (err error) {
	if f.must, err = f.conditions(src.GetMust()); err != nil {
		return err
	}
	if f.mustNot, err = f.conditions(src.GetMustNot()); err != nil {
		return err
	}
	if f.should, err = f.conditions(src.GetShould()); err != nil {
		return err
	}
	if src.MinShould == nil {
		return nil
	}
	if f.minCount = src.MinShould.GetMinCount(); f.minCount < 1 {
		return invalidf("min_should.min_count: value 0 is invalid, must be 1 or larger")
	}
	f.minShould, err = f.conditions(src.MinShould.GetConditions())
	return err
}

func (f *Filter) conditions(src []*qdrant.Condition) ([]condition, error) {
	out := make([]condition, 0, len(src))
	for _, c := range src {
		compiled, err := f.condition(c)
		if err != nil {
			return nil, err
		}
		out = append(out, compiled)
	}
	return out, nil
}

func (f *Filter) condition(src *qdrant.Condition) (condition, error) {
	switch c := src.GetConditionOneOf().(type) {
	case *qdrant.Condition_Field:
		f.needPayload = true
		return compileField(c.Field)
	case *qdrant.Condition_IsEmpty:
		return f.onPath(c.IsEmpty.GetKey(), func(p Path) condition { return isEmpty{p, true} })
	case *qdrant.Condition_IsNull:
		return f.onPath(c.IsNull.GetKey(), func(p Path) condition { return isNull{p, true} })
	case *qdrant.Condition_HasId:
		return compileHasID(c.HasId.GetHasId())
	case *qdrant.Condition_HasVector:
		f.needVectors = true
		return hasVector(c.HasVector.GetHasVector()), nil
	case *qdrant.Condition_Nested:
		return f.nested(c.Nested)
	case *qdrant.Condition_Filter:
		return f.inner(c.Filter)
	}
	return nil, invalidf("filter condition of a kind that is not known here: expected field, is_empty, is_null, has_id, has_vector, nested or filter")
}

func (f *Filter) onPath(key string, build func(Path) condition) (condition, error) {
	f.needPayload = true
	path, err := ParsePath(key)
	if err != nil {
		return nil, err
	}
	return build(path), nil
}

func (f *Filter) inner(src *qdrant.Filter) (*Filter, error) {
	inner := &Filter{}
	err := inner.compile(src)
	f.needPayload = f.needPayload || inner.needPayload
	f.needVectors = f.needVectors || inner.needVectors
	return inner, err
}

// Match reports whether the filter accepts the point. An empty should is no
// constraint.
func (f *Filter) Match(s Subject) bool {
	if f == nil {
		return true
	}
	for _, c := range f.must {
		if !c.match(s) {
			return false
		}
	}
	for _, c := range f.mustNot {
		if c.match(s) {
			return false
		}
	}
	if len(f.should) > 0 && count(f.should, s, 1) < 1 {
		return false
	}
	return f.minCount == 0 || count(f.minShould, s, f.minCount) >= f.minCount
}

func (f *Filter) match(s Subject) bool { return f.Match(s) }

// count counts matching conditions, up to enough.
func count(conditions []condition, s Subject, enough uint64) (n uint64) {
	for _, c := range conditions {
		if n == enough {
			break
		}
		if c.match(s) {
			n++
		}
	}
	return n
}

func (f *Filter) needs() need {
	var n need
	if f != nil && f.needPayload {
		n |= needPayload
	}
	if f != nil && f.needVectors {
		n |= needVectors
	}
	return n
}

type hasIDs map[folder.ID]struct{}

func compileHasID(ids []*qdrant.PointId) (condition, error) {
	set := make(hasIDs, len(ids))
	for _, id := range ids {
		parsed, err := ParseID(id)
		if err != nil {
			return nil, err
		}
		set[parsed] = struct{}{}
	}
	return set, nil
}

func (h hasIDs) match(s Subject) bool {
	_, ok := h[s.ID]
	return ok && !s.inner
}

type hasVector string

func (h hasVector) match(s Subject) bool { return s.Has != nil && s.Has(string(h)) }

// nested applies its filter to the objects in an array, one at a time.
type nested struct {
	path   Path
	filter *Filter
}

func (f *Filter) nested(src *qdrant.NestedCondition) (condition, error) {
	if src.GetFilter() == nil {
		return nil, invalidf("nested condition on %q has no filter", src.GetKey())
	}
	filter, err := f.inner(src.GetFilter())
	if err != nil {
		return nil, err
	}
	return f.onPath(src.GetKey(), func(p Path) condition {
		if last := len(p) - 1; p[last].kind == stepAll {
			p = p[:last] // `data` and `data[]` mean the same here
		}
		return nested{p, filter}
	})
}

func (n nested) match(s Subject) (found bool) {
	n.path.values(s.Payload, false, func(v any) {
		list, _ := v.([]any)
		for _, element := range list {
			object, ok := element.(map[string]any)
			if ok && !found {
				found = n.filter.Match(Subject{Payload: object, inner: true})
			}
		}
	})
	return found
}

// ParseID reads a point id; a string that is no UUID is an Error.
func ParseID(id *qdrant.PointId) (folder.ID, error) {
	switch v := id.GetPointIdOptions().(type) {
	case *qdrant.PointId_Num:
		return folder.ID{Num: v.Num}, nil
	case *qdrant.PointId_Uuid:
		if uuid, ok := ParseUUID(v.Uuid); ok {
			return folder.ID{UUID: uuid}, nil
		}
		return folder.ID{}, &Error{Kind: Invalid, Text: "Unable to parse UUID: " + v.Uuid}
	}
	return folder.ID{}, &Error{Kind: Invalid, Text: "Empty point id"}
}

// Among is the filter narrowed to some ids; f may be nil.
func (f *Filter) Among(ids map[folder.ID]bool) *Filter {
	set := make(hasIDs, len(ids))
	for id := range ids {
		set[id] = struct{}{}
	}
	out := &Filter{must: []condition{set}}
	if f != nil {
		out.must = append(out.must, f)
		out.needPayload, out.needVectors = f.needPayload, f.needVectors
	}
	return out
}
