package folder

import (
	"context"
	"fmt"

	"zombiezen.com/go/sqlite"
)

// Write applies the batch in one transaction; when it returns nil the batch is
// on disk. It waits for other readers of the file. Everything is checked before
// anything is written: on an error the collection is as it was.
func (c *Collection) Write(ctx context.Context, b Batch) error {
	cfg := c.Config()
	rows := make([]newRow, 0, len(b.Put))
	for _, p := range b.Put {
		row, err := encodeRow(p, cfg)
		if err != nil {
			return &Error{Path: c.folder.path, Collection: c.name, Reason: "the batch was refused, nothing was written", Err: err}
		}
		rows = append(rows, row)
	}
	if err := c.folder.writable(); err != nil {
		return err
	}
	// The index is changed after the commit and before the next caller's turn.
	var tx *transaction
	return c.explain(c.db.writeThen(ctx, func(conn *sqlite.Conn) error {
		if err := c.loadIndex(conn); err != nil {
			return err
		}
		tx = &transaction{c: c, conn: conn, dec: c.decoder(), rows: map[ID]int64{}}
		return tx.apply(b.Delete, rows)
	}, func() { tx.publish() }))
}

// newRow is a point ready to be inserted.
type newRow struct {
	id   ID
	key  string
	blob []byte
}

func encodeRow(p Point, cfg CollectionConfig) (newRow, error) {
	if err := checkPoint(p, cfg); err != nil {
		return newRow{}, err
	}
	_, unnamed := cfg.Vectors[""]
	blob, err := encodePoint(p, unnamed && len(cfg.Vectors) == 1 && len(p.Vectors) == 1)
	if err != nil {
		return newRow{}, fmt.Errorf("point %s: %w", p.ID, err)
	}
	if len(blob) > maxRow {
		return newRow{}, fmt.Errorf("point %s: %d bytes are more than a point may have (%d)", p.ID, len(blob), maxRow)
	}
	return newRow{id: p.ID, key: encodeKey(p.ID), blob: blob}, nil
}

// transaction is one batch under way. rows are the points it touched, 0 for
// one that is gone.
type transaction struct {
	c    *Collection
	conn *sqlite.Conn
	dec  *decoder
	rows map[ID]int64
}

func (t *transaction) apply(deletes []ID, puts []newRow) error {
	for _, id := range deletes {
		if err := t.remove(id); err != nil {
			return err
		}
	}
	for _, row := range puts {
		if err := t.remove(row.id); err != nil {
			return err
		}
		if err := t.insert(row); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes every row of a point, whatever its key looks like: a key in
// another spelling, left behind, would bring the old point back.
func (t *transaction) remove(id ID) error {
	rows := []int64{}
	if row, touched := t.rows[id]; touched {
		if row != 0 {
			rows = append(rows, row)
		}
	} else {
		rows = t.c.index.all(id)
		for _, row := range rows {
			if err := t.check(id, row); err != nil {
				return err
			}
		}
	}
	t.rows[id] = 0
	for _, row := range rows {
		if err := query(t.conn, "DELETE FROM points WHERE rowid = ?", nil, row); err != nil {
			return err
		}
	}
	return nil
}

// check makes sure that a row about to be deleted is what the index says.
func (t *transaction) check(id ID, row int64) error {
	blob, found, err := readBlob(t.conn, row, nil)
	if err != nil || !found {
		return err
	}
	if _, ok := t.c.decodeRow(t.dec, id, row, blob, want{true, true}); !ok {
		return &BadRowError{t.c.badRow(row)}
	}
	return nil
}

// insert never replaces: what had to go is gone, and a row in the way would be
// one that cannot be read.
func (t *transaction) insert(row newRow) error {
	err := query(t.conn, "INSERT INTO points(id, point) VALUES (?, ?)", nil, row.key, row.blob)
	if err != nil {
		return fmt.Errorf("point %s: %w", row.id, err)
	}
	t.rows[row.id] = t.conn.LastInsertRowID()
	return nil
}

func (t *transaction) publish() {
	for id, row := range t.rows {
		t.c.index.set(id, row)
	}
}

func (c *Collection) badRow(row int64) BadRow {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bad[row]
}
