package folder

import (
	"context"
	"fmt"
	"os"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// ReadStats counts a folder's points and bytes. It works beside the lock's
// holder and changes nothing.
func ReadStats(ctx context.Context, path string) (StatsReport, error) {
	v, err := view(path)
	if err != nil {
		return StatsReport{}, err
	}
	defer v.close()
	r := StatsReport{Path: v.folder.path, Collections: []CollectionStats{}, Aliases: v.folder.Aliases()}
	for _, name := range v.folder.Collections() {
		part := CollectionStats{Name: name}
		c, err := v.collection(name)
		if err == nil {
			err = c.stats(ctx, &part)
			c.db.close()
		}
		if ctx.Err() != nil {
			return StatsReport{}, ctx.Err()
		}
		if err != nil {
			part.Error = err.Error()
		}
		r.Points += part.Points
		r.Bytes += part.Bytes
		r.FreeBytes += part.FreeBytes
		r.Collections = append(r.Collections, part)
	}
	return r, nil
}

func (c *Collection) stats(ctx context.Context, s *CollectionStats) error {
	s.Bytes = fileSize(c.db.file)
	return c.read(ctx, func(conn *sqlite.Conn) error {
		s.Points = len(c.index.rows)
		if err := countRows(conn, &s.Rows); err != nil {
			return err
		}
		free := "SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size"
		return query(conn, free, func(stmt *sqlite.Stmt) error {
			s.FreeBytes = stmt.ColumnInt64(0)
			return nil
		})
	})
}

// fileSize by name: opening and closing the file would drop SQLite's locks.
func fileSize(name string) int64 {
	info, err := os.Stat(name)
	if err != nil {
		return 0
	}
	return info.Size()
}

// Compact gives deleted rows' room back to the disk, collection by collection;
// it needs about a collection's size of free disk meanwhile. What cannot be
// compacted is in the report and as it was.
func (f *Folder) Compact(ctx context.Context) (CompactReport, error) {
	if err := f.writable(); err != nil {
		return CompactReport{}, err
	}
	r := CompactReport{Path: f.path, Collections: []CollectionCompact{}}
	for _, name := range f.Collections() {
		part := CollectionCompact{Name: name}
		c, err := f.Collection(name)
		if err == nil {
			part.BytesBefore = fileSize(c.db.file)
			err = c.compact(ctx)
			part.BytesAfter = fileSize(c.db.file)
		}
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
		if err != nil {
			part.Error = err.Error()
		}
		r.BytesBefore += part.BytesBefore
		r.BytesAfter += part.BytesAfter
		r.Collections = append(r.Collections, part)
	}
	return r, nil
}

// compact runs VACUUM, which may number rows anew (in the same order), so the
// index is read again.
func (c *Collection) compact(ctx context.Context) error {
	if err := c.db.acquire(ctx); err != nil {
		return err
	}
	defer c.db.release()
	c.index = nil
	c.mu.Lock()
	c.bad = nil
	c.mu.Unlock()
	c.db.conn.SetInterrupt(ctx.Done())
	defer c.db.conn.SetInterrupt(nil)
	if err := sqlitex.ExecuteTransient(c.db.conn, "VACUUM", nil); err != nil {
		return fmt.Errorf("%s could not be compacted and is as it was: %w", storageName, reason(ctx, err))
	}
	return nil
}
