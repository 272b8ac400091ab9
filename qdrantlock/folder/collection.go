package folder

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"zombiezen.com/go/sqlite"
)

// Collection is one collection's SQLite file. Safe for concurrent use; calls
// take turns.
type Collection struct {
	name   string
	folder *Folder
	db     *database
	index  *index // nil until first needed; guarded by db's turn

	mu     sync.Mutex
	config CollectionConfig
	bad    map[int64]BadRow
}

// Name as in meta.json.
func (c *Collection) Name() string { return c.name }

// Config as in meta.json. Its maps are shared: read only.
func (c *Collection) Config() CollectionConfig {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.config
}

func (c *Collection) setConfig(cfg CollectionConfig) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.config = cfg
}

// BadRows are the rows found unreadable so far, by rowid.
func (c *Collection) BadRows() []BadRow {
	c.mu.Lock()
	defer c.mu.Unlock()
	rows := make([]BadRow, 0, len(c.bad))
	for _, row := range c.bad {
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b BadRow) int { return int(min(1, max(-1, a.RowID-b.RowID))) })
	return rows
}

func (c *Collection) addBad(row int64, id string, reason error) BadRow {
	bad := BadRow{Collection: c.name, RowID: row, ID: id, Reason: reason.Error()}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bad == nil {
		c.bad = map[int64]BadRow{}
	}
	if _, known := c.bad[row]; !known {
		c.folder.log.Warn("row is unreadable and left alone", "collection", c.name, "row", row, "id", id, "reason", bad.Reason)
	}
	c.bad[row] = bad
	return bad
}

func (c *Collection) isBad(row int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, bad := c.bad[row]
	return bad
}

func (c *Collection) decoder() *decoder { return &decoder{config: c.Config()} }

// maxRow is the largest row read; a gRPC message could not carry more.
const maxRow = 256 << 20

// row decodes a blob as it came from the file.
func (d *decoder) row(blob []byte, w want) (Point, error) {
	switch {
	case blob == nil:
		return Point{}, errors.New("there is no blob in the column point")
	case len(blob) > maxRow:
		return Point{}, fmt.Errorf("%d bytes are more than a point may have (%d)", len(blob), maxRow)
	}
	return d.point(blob, w)
}

// read runs fn with the index in one transaction.
func (c *Collection) read(ctx context.Context, fn func(*sqlite.Conn) error) error {
	return c.explain(c.db.read(ctx, func(conn *sqlite.Conn) error {
		if err := c.loadIndex(conn); err != nil {
			return err
		}
		return fn(conn)
	}))
}

// explain says which collection an error of SQLite's is about.
func (c *Collection) explain(err error) error {
	if err == nil || sqlite.ErrCode(err) == sqlite.ResultError {
		return err // not from SQLite
	}
	return &Error{Path: c.folder.path, Collection: c.name, Reason: storageName + " cannot be used", Err: err}
}

// Count is the number of points, without those found unreadable so far.
func (c *Collection) Count(ctx context.Context) (int, error) {
	count := 0
	err := c.read(ctx, func(*sqlite.Conn) error {
		for _, row := range c.index.rows {
			if !c.isBad(row) {
				count++
			}
		}
		return nil
	})
	return count, err
}

// IDs reads every id from the covering index without touching rows (highest
// rowid wins among duplicates), in client order. Rows found unreadable so far
// are left out.
func (c *Collection) IDs(ctx context.Context) ([]ID, error) {
	var ids []ID
	err := c.read(ctx, func(*sqlite.Conn) error {
		ids = make([]ID, 0, len(c.index.rows))
		for id, row := range c.index.rows {
			if !c.isBad(row) {
				ids = append(ids, id)
			}
		}
		return nil
	})
	slices.SortFunc(ids, ID.Compare)
	return ids, err
}

// Get decodes the named points in the order asked: those that are missing or
// unreadable are left out, and one asked for twice comes twice.
func (c *Collection) Get(ctx context.Context, ids []ID) ([]Point, error) {
	points := make([]Point, 0, len(ids))
	err := c.read(ctx, func(conn *sqlite.Conn) error {
		dec, buf := c.decoder(), []byte(nil)
		for _, id := range ids {
			row, there := c.index.rows[id]
			if !there {
				continue
			}
			blob, found, err := readBlob(conn, row, buf)
			if err != nil {
				return err
			}
			if p, ok := c.decodeRow(dec, id, row, blob, want{true, true}); ok && found {
				points = append(points, p)
			}
			buf = blob
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return points, nil
}

// decodeRow decodes the row that the index has for id, or notes it as bad.
func (c *Collection) decodeRow(dec *decoder, id ID, row int64, blob []byte, w want) (Point, bool) {
	p, err := dec.row(blob, w)
	if err == nil && p.ID != id {
		err = fmt.Errorf("its key names point %s, its content point %s", id, p.ID)
	}
	if err != nil {
		c.addBad(row, id.String(), err)
		return Point{}, false
	}
	return p, true
}

// Scan decodes every point, in rowid order, and stops at fn's error. The
// payload is decoded only if withPayload, vectors only if withVectors. All of
// it is one state of the collection; other calls wait meanwhile, so fn must not
// call into the collection.
func (c *Collection) Scan(ctx context.Context, withVectors, withPayload bool, fn func(Point) error) error {
	return c.read(ctx, func(conn *sqlite.Conn) error {
		dec, buf, w := c.decoder(), []byte(nil), want{withVectors, withPayload}
		return query(conn, "SELECT rowid, point FROM points ORDER BY rowid", func(stmt *sqlite.Stmt) error {
			buf = blobOf(stmt, 1, buf)
			return c.scanRow(dec, stmt.ColumnInt64(0), buf, w, fn)
		})
	})
}

func (c *Collection) scanRow(dec *decoder, row int64, blob []byte, w want, fn func(Point) error) error {
	p, err := dec.row(blob, w)
	current, outdated := c.index.sees(p.ID, row)
	switch {
	case err != nil:
		id := ""
		if current {
			id = p.ID.String()
		}
		c.addBad(row, id, err)
	case current:
		return fn(p)
	case !outdated:
		c.addBad(row, p.ID.String(), fmt.Errorf("its key names another point than its content, %s", p.ID))
	}
	return nil
}
