package points

import (
	"context"
	"slices"
	"sync"

	"qgen-sidecar/qdrantlock/folder"
)

// need is what a call wants in memory; ids are always there.
type need uint8

const (
	needPayload need = 1 << iota
	needVectors
)

// Collection is a Source with as much of it in memory as calls asked for so
// far. Safe for concurrent use.
type Collection struct {
	mu     sync.RWMutex
	src    Source
	closed bool
	st     *state // nil: nothing loaded, or thrown away after a failed write
}

// state is what is in memory. Every point has a slot, its index into all the
// slices; a slot of a deleted point is used again.
type state struct {
	have    need
	ids     []folder.ID
	slots   map[folder.ID]int // nil while only ids are read: see slot
	order   []int             // live slots in client order
	free    []int
	payload []map[string]any // with needPayload
	vectors map[string]store // with needVectors, by name
}

// New loads nothing yet.
func New(src Source) *Collection { return &Collection{src: src} }

// Replace puts another Source of the same points in place, after the
// collection's configuration changed. Vectors are loaded anew.
func (c *Collection) Replace(src Source) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.src = src
	if c.st != nil {
		c.st.have &^= needVectors
		c.st.vectors = nil
	}
}

// Close waits for calls under way; later ones fail with NotFound.
func (c *Collection) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed, c.st = true, nil
}

func (c *Collection) gone() error {
	return &Error{Kind: NotFound, Text: "Not found: Collection `" + c.src.Name() + "` doesn't exist!"}
}

// View runs fn over a state that does not change meanwhile. Filters that fn
// uses must be named in uses, and vectors true if it searches.
func (c *Collection) View(ctx context.Context, vectors bool, uses []*Filter, fn func(*View) error) error {
	wanted := neededBy(vectors, uses)
	for {
		c.mu.RLock()
		if c.closed || c.ready(wanted) {
			break
		}
		c.mu.RUnlock()
		if err := c.prepare(ctx, wanted); err != nil {
			return err
		}
	}
	defer c.mu.RUnlock()
	if c.closed {
		return c.gone()
	}
	return fn(&View{ctx: ctx, src: c.src, st: c.st, config: c.src.Config()})
}

func neededBy(vectors bool, uses []*Filter) (n need) {
	if vectors {
		n = needVectors
	}
	for _, f := range uses {
		n |= f.needs()
	}
	return n
}

func (c *Collection) ready(wanted need) bool {
	return c.st != nil && c.st.have&wanted == wanted
}

func (c *Collection) prepare(ctx context.Context, wanted need) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.load(ctx, wanted)
}

// load brings in what is missing, under c.mu. A failed load leaves what was
// there.
func (c *Collection) load(ctx context.Context, wanted need) error {
	if c.closed {
		return nil
	}
	if c.st == nil {
		ids, err := c.src.IDs(ctx)
		if err != nil {
			return err
		}
		c.st = newState(ids)
	}
	missing := wanted &^ c.st.have
	if missing == 0 {
		return nil
	}
	return c.st.scan(ctx, c.src, missing)
}

func newState(ids []folder.ID) *state {
	st := &state{ids: ids, order: make([]int, len(ids))}
	for i := range ids {
		st.order[i] = i
	}
	slices.SortFunc(st.order, st.compare)
	return st
}

// slot finds a point. While only ids are read it searches their order: a sample
// needs few of them, and a map would be as large as all else that it needs.
func (st *state) slot(id folder.ID) (slot int, ok bool) {
	if st.slots != nil {
		slot, ok = st.slots[id]
		return slot, ok
	}
	at, ok := slices.BinarySearchFunc(st.order, id, func(slot int, id folder.ID) int { return st.ids[slot].Compare(id) })
	if !ok {
		return 0, false
	}
	return st.order[at], true
}

// mapSlots makes the map, for who looks up many.
func (st *state) mapSlots() {
	if st.slots != nil {
		return
	}
	st.slots = make(map[folder.ID]int, len(st.order))
	for _, slot := range st.order {
		st.slots[st.ids[slot]] = slot
	}
}

// compare is the client's order of two slots.
func (st *state) compare(a, b int) int { return st.ids[a].Compare(st.ids[b]) }

// scan reads every row once for what is missing, and holds nothing else. Rows
// come in write order, so of two with one id the later stays. Ids whose row could
// not be read are dropped: the folder lists them as bad rows.
func (st *state) scan(ctx context.Context, src Source, missing need) error {
	var payload []map[string]any
	if missing&needPayload != 0 {
		payload = make([]map[string]any, len(st.ids))
	}
	var vectors map[string]store
	if missing&needVectors != 0 {
		vectors = newStores(src.Config(), len(st.ids))
	}
	st.mapSlots()
	seen := make([]bool, len(st.ids))
	err := src.Scan(ctx, missing&needVectors != 0, missing&needPayload != 0, func(p folder.Point) error {
		slot, ok := st.slot(p.ID)
		if !ok {
			return nil
		}
		seen[slot] = true
		if payload != nil {
			payload[slot] = p.Payload
		}
		for name, s := range vectors {
			v, has := p.Vectors[name]
			s.set(slot, v, has)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if missing&needPayload != 0 {
		st.payload = payload
	}
	if missing&needVectors != 0 {
		st.vectors = vectors
	}
	st.have |= missing
	st.dropUnseen(seen)
	return nil
}

func (st *state) dropUnseen(seen []bool) {
	st.order = slices.DeleteFunc(st.order, func(slot int) bool {
		if !seen[slot] {
			delete(st.slots, st.ids[slot])
		}
		return !seen[slot]
	})
}

// apply brings a written batch into memory.
func (st *state) apply(b folder.Batch) {
	var freed, added []int
	for _, id := range b.Delete {
		if slot, ok := st.slots[id]; ok {
			delete(st.slots, id)
			st.clear(slot)
			freed = append(freed, slot)
		}
	}
	for _, p := range b.Put {
		slot, ok := st.slots[p.ID]
		if !ok {
			slot = st.newSlot(p.ID)
			added = append(added, slot)
		}
		st.put(slot, p)
	}
	st.reorder(freed, added)
	st.free = append(st.free, freed...) // not before: the order still named them
}

func (st *state) clear(slot int) {
	if st.payload != nil {
		st.payload[slot] = nil
	}
	for _, s := range st.vectors {
		s.set(slot, folder.Vector{}, false)
	}
}

func (st *state) newSlot(id folder.ID) int {
	if last := len(st.free) - 1; last >= 0 {
		slot := st.free[last]
		st.free = st.free[:last]
		st.ids[slot], st.slots[id] = id, slot
		return slot
	}
	slot := len(st.ids)
	st.ids = append(st.ids, id)
	if st.have&needPayload != 0 {
		st.payload = append(st.payload, nil)
	}
	for _, s := range st.vectors {
		s.grow()
	}
	st.slots[id] = slot
	return slot
}

func (st *state) put(slot int, p folder.Point) {
	if st.have&needPayload != 0 {
		st.payload[slot] = p.Payload
	}
	for name, s := range st.vectors {
		v, has := p.Vectors[name]
		s.set(slot, v, has)
	}
}

// reorder takes freed slots out of the order and puts added ones in. It looks
// at the rest as little as it can: a batch is small beside a collection.
func (st *state) reorder(freed, added []int) {
	if len(freed) > 0 {
		gone := make(map[int]bool, len(freed))
		for _, slot := range freed {
			gone[slot] = true
		}
		st.order = slices.DeleteFunc(st.order, func(slot int) bool { return gone[slot] })
	}
	if len(added) == 0 {
		return
	}
	slices.SortFunc(added, st.compare)
	rest, merged := st.order, make([]int, 0, len(st.order)+len(added))
	for _, slot := range added {
		at, _ := slices.BinarySearchFunc(rest, slot, st.compare)
		merged = append(append(merged, rest[:at]...), slot)
		rest = rest[at:]
	}
	st.order = append(merged, rest...)
}

// Config is the collection's configuration; NotFound after Close.
func (c *Collection) Config() (folder.CollectionConfig, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.closed {
		return folder.CollectionConfig{}, c.gone()
	}
	return c.src.Config(), nil
}
