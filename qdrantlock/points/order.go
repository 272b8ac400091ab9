package points

import (
	"slices"

	"qgen-sidecar/qdrantlock/folder"
)

// OrderBy reads points by the numbers or dates at a payload key.
type OrderBy struct {
	Path       Path
	Descending bool
	From       any // int64 or float64; nil: from the start
}

// OrderValue makes a payload value comparable: numbers as they are, dates as
// microseconds since 1970; nil for everything else, booleans included.
func OrderValue(v any) any {
	switch v := v.(type) {
	case int64, float64:
		return v
	case string:
		if at, ok := ParseDatetime(v); ok {
			return at.UnixMicro()
		}
	}
	return nil
}

type ordered struct {
	value any
	slot  int
}

// ScrollBy reads up to limit points by o, a point once for every different
// value that it has. The View must name AllPayloads among its uses.
func (v *View) ScrollBy(f *Filter, o OrderBy, limit int, want Fetch) ([]Record, error) {
	slots, err := v.matching(f, v.st.order)
	if err != nil {
		return nil, err
	}
	all := o.collect(v, slots)
	if len(all) > limit {
		all = all[:limit]
	}
	slots = make([]int, len(all))
	values := map[folder.ID][]any{}
	for i, e := range all {
		slots[i] = e.slot
		id := v.st.ids[e.slot]
		values[id] = append(values[id], e.value)
	}
	page, err := v.fetch(slots, want)
	for i, r := range page { // values of one point come in page order
		page[i].Order, values[r.ID] = values[r.ID][0], values[r.ID][1:]
	}
	return page, err
}

func (o OrderBy) collect(v *View, slots []int) []ordered {
	type seen struct {
		slot  int
		value any
	}
	var all []ordered
	for _, slot := range slots {
		done := map[seen]bool{}
		o.Path.values(v.st.payload[slot], true, func(raw any) {
			value := OrderValue(raw)
			key := seen{slot, exactKey(value)}
			if value == nil || done[key] || o.before(value) {
				return
			}
			done[key] = true
			all = append(all, ordered{value, slot})
		})
	}
	slices.SortStableFunc(all, func(a, b ordered) int {
		if o.Descending {
			a, b = b, a
		}
		return compareNumbers(a.value, b.value)
	})
	return all
}

// before reports that a value lies before the start.
func (o OrderBy) before(value any) bool {
	if o.From == nil {
		return false
	}
	c := compareNumbers(value, o.From)
	return c < 0 && !o.Descending || c > 0 && o.Descending
}

// exactKey makes 1 and 1.0 the same key.
func exactKey(v any) any {
	if f, ok := v.(float64); ok && f == float64(int64(f)) && compareIntFloat(int64(f), f) == 0 {
		return int64(f)
	}
	return v
}
