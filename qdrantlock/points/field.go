package points

import (
	"cmp"
	"time"

	"github.com/qdrant/go-client/qdrant"
)

// compileField makes the one condition that a FieldCondition holds. Qdrant's
// message has room for several at once and its clients disagree on what that
// means, so it is refused.
func compileField(src *qdrant.FieldCondition) (condition, error) {
	path, err := ParsePath(src.GetKey())
	if err != nil {
		return nil, err
	}
	found, names, err := fieldConditions(src, path)
	if err != nil {
		return nil, err
	}
	switch len(found) {
	case 0:
		return nil, invalidf("field condition on %q is empty or of a kind that is not known here", src.GetKey())
	case 1:
		return found[0], nil
	}
	return nil, invalidf("field condition on %q holds %v together: put each into a condition of its own", src.GetKey(), names)
}

func fieldConditions(src *qdrant.FieldCondition, path Path) (found []condition, names []string, err error) {
	add := func(name string, c condition) {
		found, names = append(found, c), append(names, name)
	}
	if src.Match != nil {
		test, err := compileMatch(src.Match)
		if err != nil {
			return nil, nil, err
		}
		add("match", anyValue{path, test})
	}
	if src.Range != nil {
		add("range", anyValue{path, rangeTest(src.Range)})
	}
	if src.DatetimeRange != nil {
		add("datetime_range", anyValue{path, datetimeTest(src.DatetimeRange)})
	}
	if src.ValuesCount != nil {
		add("values_count", valuesCount{path, src.ValuesCount})
	}
	if src.IsEmpty != nil {
		add("is_empty", isEmpty{path, src.GetIsEmpty()})
	}
	if src.IsNull != nil {
		add("is_null", isNull{path, src.GetIsNull()})
	}
	geo, geoNames, err := geoConditions(src)
	for i, test := range geo {
		add(geoNames[i], anyValue{path, test})
	}
	return found, names, err
}

// anyValue holds when any value at the path passes the test.
type anyValue struct {
	path Path
	test func(any) bool
}

func (c anyValue) match(s Subject) (found bool) {
	c.path.values(s.Payload, true, func(v any) { found = found || c.test(v) })
	return found
}

// isEmpty: no value, or only nulls and empty arrays.
type isEmpty struct {
	path Path
	want bool
}

func (c isEmpty) match(s Subject) bool {
	empty := true
	c.path.values(s.Payload, false, func(v any) {
		list, isList := v.([]any)
		empty = empty && (v == nil || isList && len(list) == 0)
	})
	return empty == c.want
}

// isNull: some value is null, or an array with a null in it. Nothing there is
// not null.
type isNull struct {
	path Path
	want bool
}

func (c isNull) match(s Subject) bool {
	null := false
	c.path.values(s.Payload, false, func(v any) {
		null = null || v == nil
		list, _ := v.([]any)
		for _, element := range list {
			null = null || element == nil
		}
	})
	return null == c.want
}

// valuesCount holds when one value's count satisfies every bound: the length
// of an array, 1 for a scalar, 0 for null or nothing.
type valuesCount struct {
	path   Path
	bounds *qdrant.ValuesCount
}

func (c valuesCount) match(s Subject) bool {
	seen, found := false, false
	c.path.values(s.Payload, false, func(v any) {
		seen = true
		n := uint64(1)
		if list, ok := v.([]any); ok {
			n = uint64(len(list))
		} else if v == nil {
			n = 0
		}
		found = found || c.within(n)
	})
	return found || !seen && c.within(0)
}

func (c valuesCount) within(n uint64) bool {
	b := c.bounds
	return (b.Lt == nil || n < *b.Lt) && (b.Lte == nil || n <= *b.Lte) &&
		(b.Gt == nil || n > *b.Gt) && (b.Gte == nil || n >= *b.Gte)
}

// rangeTest accepts integers and floats, no booleans.
func rangeTest(r *qdrant.Range) func(any) bool {
	return func(v any) bool {
		switch v.(type) {
		case int64, float64:
			return holds(r.Lt, v, func(c int) bool { return c < 0 }) &&
				holds(r.Lte, v, func(c int) bool { return c <= 0 }) &&
				holds(r.Gt, v, func(c int) bool { return c > 0 }) &&
				holds(r.Gte, v, func(c int) bool { return c >= 0 })
		}
		return false
	}
}

func holds(bound *float64, v any, test func(int) bool) bool {
	if bound == nil {
		return true
	}
	if f, ok := v.(float64); ok && f != f || *bound != *bound {
		return false // NaN compares to nothing
	}
	return test(compareNumbers(v, *bound))
}

// compareNumbers compares int64 and float64 values exactly, also beyond 2^53
// where an integer has no float of its own.
func compareNumbers(a, b any) int {
	switch a := a.(type) {
	case int64:
		if b, ok := b.(int64); ok {
			return cmp.Compare(a, b)
		}
		return compareIntFloat(a, b.(float64))
	case float64:
		if b, ok := b.(float64); ok {
			return cmp.Compare(a, b)
		}
		return -compareIntFloat(b.(int64), a)
	}
	return 0
}

func compareIntFloat(i int64, f float64) int {
	const edge = 1 << 63
	if f >= edge {
		return -1
	}
	if f < -edge || f != f {
		return 1
	}
	whole := int64(f) // towards zero
	if c := cmp.Compare(i, whole); c != 0 {
		return c
	}
	return cmp.Compare(0, f-float64(whole))
}

func datetimeTest(r *qdrant.DatetimeRange) func(any) bool {
	type bound struct {
		at   time.Time
		test func(int) bool
	}
	var bounds []bound
	if r.Lt != nil {
		bounds = append(bounds, bound{r.Lt.AsTime(), func(c int) bool { return c < 0 }})
	}
	if r.Lte != nil {
		bounds = append(bounds, bound{r.Lte.AsTime(), func(c int) bool { return c <= 0 }})
	}
	if r.Gt != nil {
		bounds = append(bounds, bound{r.Gt.AsTime(), func(c int) bool { return c > 0 }})
	}
	if r.Gte != nil {
		bounds = append(bounds, bound{r.Gte.AsTime(), func(c int) bool { return c >= 0 }})
	}
	return func(v any) bool {
		text, ok := v.(string)
		if !ok {
			return false
		}
		at, ok := ParseDatetime(text)
		for _, b := range bounds {
			ok = ok && b.test(at.Compare(b.at))
		}
		return ok
	}
}
