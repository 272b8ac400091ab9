package points

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"sort"
	"sync"

	"qgen-sidecar/qdrantlock/folder"
)

// View is a collection as it stands at one moment.
type View struct {
	ctx    context.Context
	src    Source
	st     *state
	config folder.CollectionConfig
}

// Fetch says what a reader wants of each point.
type Fetch struct {
	Payload Selector
	Vectors bool     // false: none
	Names   []string // nil: all of them
}

// Config is the collection's configuration.
func (v *View) Config() folder.CollectionConfig { return v.config }

// Len is the number of points.
func (v *View) Len() int { return len(v.st.order) }

// Count is the number of points that a filter accepts.
func (v *View) Count(f *Filter) (int, error) {
	slots, err := v.matching(f, v.st.order)
	return len(slots), err
}

// Get reads points in the order asked, repetitions included; missing ones are
// left out.
func (v *View) Get(ids []folder.ID, want Fetch) ([]Record, error) {
	var slots []int
	for _, id := range ids {
		if slot, ok := v.st.slot(id); ok {
			slots = append(slots, slot)
		}
	}
	return v.fetch(slots, want)
}

// Scroll reads up to limit points from offset on (which need not exist), in id
// order. next is the first point not read, nil at the end.
func (v *View) Scroll(f *Filter, offset *folder.ID, limit int, want Fetch) (page []Record, next *folder.ID, err error) {
	order := v.st.order
	if offset != nil {
		from := sort.Search(len(order), func(i int) bool { return !v.st.ids[order[i]].Less(*offset) })
		order = order[from:]
	}
	var slots []int
	for _, slot := range order {
		if f != nil && !f.Match(v.subject(slot)) {
			continue
		}
		if len(slots) == limit {
			id := v.st.ids[slot]
			next = &id
			break
		}
		slots = append(slots, slot)
	}
	page, err = v.fetch(slots, want)
	return page, next, err
}

// Sample draws up to limit points that the filter accepts, uniformly and
// without replacement.
func (v *View) Sample(f *Filter, limit int, want Fetch) ([]Record, error) {
	slots, err := v.matching(f, v.st.order)
	if err != nil {
		return nil, err
	}
	slots = slices.Clone(slots)
	for i := 0; i < len(slots) && i < limit; i++ {
		j := i + rand.IntN(len(slots)-i)
		slots[i], slots[j] = slots[j], slots[i]
	}
	return v.fetch(slots[:min(limit, len(slots))], want)
}

// Each calls fn with the payload of every point that the filter accepts, in
// id order. The View needs payloads for it: see AllPayloads.
func (v *View) Each(f *Filter, fn func(id folder.ID, payload map[string]any)) error {
	slots, err := v.matching(f, v.st.order)
	for _, slot := range slots {
		fn(v.st.ids[slot], v.st.payload[slot])
	}
	return err
}

// AllPayloads is a filter for View's uses that accepts everything and has the
// payloads loaded.
var AllPayloads = &Filter{needPayload: true}

func (v *View) subject(slot int) Subject {
	s := Subject{ID: v.st.ids[slot], Has: func(name string) bool {
		store, ok := v.st.vectors[name]
		return ok && store.has(slot)
	}}
	if v.st.payload != nil {
		s.Payload = v.st.payload[slot]
	}
	return s
}

// matching keeps the slots that the filter accepts, using all cores for many.
func (v *View) matching(f *Filter, slots []int) ([]int, error) {
	if f == nil {
		return slots, nil
	}
	parts := parallel(len(slots), 2048, func(from, to int) (kept []int) {
		for i, slot := range slots[from:to] {
			if i%1024 == 0 && v.ctx.Err() != nil {
				return nil
			}
			if f.Match(v.subject(slot)) {
				kept = append(kept, slot)
			}
		}
		return kept
	})
	return slices.Concat(parts...), v.ctx.Err()
}

// parallel cuts 0…n into ranges of at least least and runs fn over them on all
// cores; the results come in range order.
func parallel[T any](n, least int, fn func(from, to int) T) []T {
	workers := min(runtime.GOMAXPROCS(0), n/least)
	if workers <= 1 {
		return []T{fn(0, n)}
	}
	out := make([]T, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() { out[w] = fn(n*w/workers, n*(w+1)/workers) })
	}
	wg.Wait()
	return out
}

// fetch makes records of slots, from memory as far as it has what is wanted
// and else from the source. Rows that cannot be read are left out.
func (v *View) fetch(slots []int, want Fetch) ([]Record, error) {
	var lacks need
	if !want.Payload.None() {
		lacks |= needPayload
	}
	if want.Vectors {
		lacks |= needVectors
	}
	if lacks &^= v.st.have; lacks == 0 || len(slots) == 0 {
		return v.fromMemory(slots, want), nil
	}
	return v.fromSource(slots, want)
}

func (v *View) fromMemory(slots []int, want Fetch) []Record {
	out := make([]Record, 0, len(slots))
	for _, slot := range slots {
		r := Record{ID: v.st.ids[slot]}
		if !want.Payload.None() {
			r.Payload = want.Payload.Apply(v.st.payload[slot])
		}
		if want.Vectors {
			r.Vectors = map[string]Vector{}
			for name, s := range v.st.vectors {
				if s.has(slot) && want.wants(name) {
					r.Vectors[name] = s.get(slot)
				}
			}
		}
		out = append(out, r)
	}
	return out
}

func (w Fetch) wants(name string) bool { return w.Names == nil || slices.Contains(w.Names, name) }

func (v *View) fromSource(slots []int, want Fetch) ([]Record, error) {
	rows, err := v.rows(slots)
	if err != nil {
		return nil, err
	}
	out := make([]Record, 0, len(slots))
	for _, slot := range slots {
		p, ok := rows[v.st.ids[slot]]
		if !ok {
			continue
		}
		r := Record{ID: p.ID}
		if !want.Payload.None() {
			r.Payload = want.Payload.Apply(p.Payload)
		}
		if want.Vectors {
			r.Vectors = v.readable(p, want)
		}
		out = append(out, r)
	}
	return out, nil
}

// rows reads every row once, though slots may repeat.
func (v *View) rows(slots []int) (map[folder.ID]folder.Point, error) {
	ids := make([]folder.ID, 0, len(slots))
	rows := make(map[folder.ID]folder.Point, len(slots))
	for _, slot := range slots {
		id := v.st.ids[slot]
		if _, asked := rows[id]; !asked {
			ids, rows[id] = append(ids, id), folder.Point{}
		}
	}
	clear(rows)
	found, err := v.src.Get(v.ctx, ids)
	for _, p := range found {
		rows[p.ID] = p
	}
	return rows, err
}

// readable gives a row's configured vectors; names that the collection does
// not have are ignored, as Python does.
func (v *View) readable(p folder.Point, want Fetch) map[string]Vector {
	out := map[string]Vector{}
	for name, raw := range p.Vectors {
		params, dense := v.config.Vectors[name]
		_, sparse := v.config.Sparse[name]
		if (dense || sparse) && want.wants(name) {
			out[name] = inMemory(raw, params.Distance)
		}
	}
	return out
}
