package folder

import (
	"slices"

	"zombiezen.com/go/sqlite"
)

// index tells which row holds a point. It is read from the key column alone,
// which SQLite keeps in an index of its own; rows are touched only where a key
// does not tell.
type index struct {
	rows  map[ID]int64   // the highest rowid, which wins
	older map[ID][]int64 // rows of the same point that lost
}

func newIndex() *index { return &index{rows: map[ID]int64{}, older: map[ID][]int64{}} }

func (x *index) add(id ID, row int64) {
	winner, there := x.rows[id]
	switch {
	case !there:
		x.rows[id] = row
	case row > winner:
		x.rows[id] = row
		x.older[id] = append(x.older[id], winner)
	default:
		x.older[id] = append(x.older[id], row)
	}
}

// set replaces all of a point's rows by one; 0 removes the point.
func (x *index) set(id ID, row int64) {
	delete(x.older, id)
	if row == 0 {
		delete(x.rows, id)
		return
	}
	x.rows[id] = row
}

// all are a point's rows, the winner last.
func (x *index) all(id ID) []int64 {
	row, there := x.rows[id]
	if !there {
		return nil
	}
	return append(slices.Clone(x.older[id]), row)
}

// sees tells what a scan should do with a row that holds id: read it, pass over
// it as outdated, or call it bad because its key names another point.
func (x *index) sees(id ID, row int64) (current, outdated bool) {
	return x.rows[id] == row, slices.Contains(x.older[id], row)
}

// loadIndex reads all keys. SELECT rowid, id without ORDER BY is answered from
// the covering index; an order would make it a scan of the table.
func (c *Collection) loadIndex(conn *sqlite.Conn) error {
	if c.index != nil {
		return nil
	}
	x, keys, silent := newIndex(), &keyReader{}, []int64(nil)
	var buf []byte
	err := query(conn, "SELECT rowid, id FROM points", func(stmt *sqlite.Stmt) error {
		row := stmt.ColumnInt64(0)
		n := stmt.ColumnLen(1)
		if cap(buf) < n {
			buf = make([]byte, n)
		}
		if id, ok := keys.read(buf[:stmt.ColumnBytes(1, buf[:n])]); ok {
			x.add(id, row)
		} else {
			silent = append(silent, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	dec := c.decoder()
	for _, row := range silent {
		if err := c.addSilent(conn, x, dec, row); err != nil {
			return err
		}
	}
	c.index = x
	return nil
}

// addSilent indexes a row whose key names no point, by the row itself; the
// client does the same.
func (c *Collection) addSilent(conn *sqlite.Conn, x *index, dec *decoder, row int64) error {
	blob, found, err := readBlob(conn, row, nil)
	if err != nil || !found {
		return err
	}
	p, err := dec.row(blob, want{})
	if err != nil {
		c.addBad(row, "", err)
		return nil
	}
	x.add(p.ID, row)
	return nil
}

// readBlob reads one row; a row that is not there is not found.
func readBlob(conn *sqlite.Conn, row int64, buf []byte) (blob []byte, found bool, err error) {
	err = query(conn, "SELECT point FROM points WHERE rowid = ?", func(stmt *sqlite.Stmt) error {
		blob, found = blobOf(stmt, 0, buf), true
		return nil
	}, row)
	return blob, found, err
}
