package points

import (
	"context"
	"errors"

	"qgen-sidecar/qdrantlock/folder"
)

// Tx gathers the changes of one request. Reads through it see them; the
// collection does not, before the request is on disk.
type Tx struct {
	v       View
	rows    map[folder.ID]folder.Point // read from the source so far
	changed map[folder.ID]change
	touched []folder.ID // in the order of the first change
}

type change struct {
	point   folder.Point
	deleted bool
}

// Update runs fn alone on the collection and then writes all its changes in
// one transaction. An error of fn writes nothing, unless it is an Error with
// Committed set. When Update returns without another error the changes are on
// disk. Filters that fn uses must be named in uses.
func (c *Collection) Update(ctx context.Context, uses []*Filter, fn func(*Tx) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.gone()
	}
	if err := c.load(ctx, neededBy(false, uses)); err != nil {
		return err
	}
	c.st.mapSlots()
	tx := &Tx{
		v:       View{ctx: ctx, src: c.src, st: c.st, config: c.src.Config()},
		rows:    map[folder.ID]folder.Point{},
		changed: map[folder.ID]change{},
	}
	err := fn(tx)
	var refusal *Error
	if err != nil && !(errors.As(err, &refusal) && refusal.Committed) {
		return err
	}
	if werr := c.commit(ctx, tx.batch()); werr != nil {
		return werr
	}
	return err
}

func (c *Collection) commit(ctx context.Context, b folder.Batch) error {
	if len(b.Delete)+len(b.Put) == 0 {
		return nil
	}
	if err := c.src.Write(ctx, b); err != nil {
		c.st = nil // what is on disk is the truth: read it again
		return err
	}
	c.st.apply(b)
	return nil
}

func (t *Tx) batch() (b folder.Batch) {
	for _, id := range t.touched {
		ch := t.changed[id]
		if !ch.deleted {
			b.Put = append(b.Put, ch.point)
		} else if _, ok := t.v.st.slot(id); ok {
			b.Delete = append(b.Delete, id)
		}
	}
	return b
}

// Config is the collection's configuration.
func (t *Tx) Config() folder.CollectionConfig { return t.v.config }

// Exists reports whether the collection holds the point at this moment.
func (t *Tx) Exists(id folder.ID) bool {
	if ch, ok := t.changed[id]; ok {
		return !ch.deleted
	}
	_, ok := t.v.st.slot(id)
	return ok
}

// Read brings the rows of several points in at once; Get then finds them.
func (t *Tx) Read(ids []folder.ID) error {
	var missing []folder.ID
	asked := map[folder.ID]bool{}
	for _, id := range ids {
		_, read := t.rows[id]
		if !read && !asked[id] && !t.has(id) && t.Exists(id) {
			missing, asked[id] = append(missing, id), true
		}
	}
	if len(missing) == 0 {
		return nil
	}
	rows, err := t.v.src.Get(t.v.ctx, missing)
	for _, p := range rows {
		t.rows[p.ID] = p
	}
	return err
}

// Get gives a point as it is on disk, changes of this request included. Its
// maps are the collection's: change copies.
func (t *Tx) Get(id folder.ID) (p folder.Point, ok bool, err error) {
	if ch, changed := t.changed[id]; changed {
		return ch.point, !ch.deleted, nil
	}
	if err := t.Read([]folder.ID{id}); err != nil {
		return p, false, err
	}
	p, ok = t.rows[id]
	return p, ok, nil
}

// Put replaces or adds a whole point.
func (t *Tx) Put(p folder.Point) { t.change(p.ID, change{point: p}) }

// Delete removes a point; a missing one is no error.
func (t *Tx) Delete(id folder.ID) { t.change(id, change{deleted: true}) }

func (t *Tx) change(id folder.ID, ch change) {
	if _, again := t.changed[id]; !again {
		t.touched = append(t.touched, id)
	}
	t.changed[id] = ch
}

// Select lists the points that a filter accepts, in no promised order.
func (t *Tx) Select(f *Filter) ([]folder.ID, error) {
	slots, err := t.v.matching(f, t.v.st.order)
	if err != nil {
		return nil, err
	}
	var ids []folder.ID
	for _, slot := range slots {
		if id := t.v.st.ids[slot]; !t.has(id) {
			ids = append(ids, id)
		}
	}
	for _, id := range t.touched {
		if ch := t.changed[id]; !ch.deleted && f.Match(pointSubject(ch.point)) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (t *Tx) has(id folder.ID) bool { _, ok := t.changed[id]; return ok }

// Match applies a filter to one point that exists.
func (t *Tx) Match(f *Filter, id folder.ID) bool {
	if ch, ok := t.changed[id]; ok {
		return f.Match(pointSubject(ch.point))
	}
	slot, ok := t.v.st.slot(id)
	return ok && f.Match(t.v.subject(slot))
}

func pointSubject(p folder.Point) Subject {
	return Subject{ID: p.ID, Payload: p.Payload, Has: func(name string) bool {
		_, ok := p.Vectors[name]
		return ok
	}}
}
