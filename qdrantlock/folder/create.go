package folder

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"qgen-sidecar/internal/atomicfile"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// CreateCollection adds an empty collection; ErrExists when there is one, and
// an error when a directory of that name with rows lies in the folder already:
// the Python client would take those rows for the new collection's.
func (f *Folder) CreateCollection(name string, cfg CollectionConfig) error {
	f.change.Lock()
	defer f.change.Unlock()
	now := f.current()
	if _, ok := now.collections.get(name); ok {
		return fmt.Errorf("%w: %q", ErrExists, name)
	}
	if err := errors.Join(CheckNew(name, cfg), f.writable()); err != nil {
		return &Error{Path: f.path, Collection: name, Reason: "it was not created", Err: err}
	}
	if err := f.createStorage(name); err != nil {
		return &Error{Path: f.path, Collection: name, Reason: "it was not created", Err: err}
	}
	return f.save(now.withCollection(name, newEntry(cfg)))
}

// createStorage makes the directory and an empty table in it, durably, before
// meta.json names it. What a crash leaves is an empty collection's directory.
func (f *Folder) createStorage(name string) error {
	base := filepath.Join(f.path, "collection")
	dir := filepath.Join(base, name)
	if info, err := os.Lstat(dir); err == nil && !info.IsDir() {
		return fmt.Errorf("%s is in the way and is no directory", dir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if info, err := os.Lstat(filepath.Join(dir, storageName)); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is in the way and is no plain file", filepath.Join(dir, storageName))
	}
	if err := createTable(filepath.Join(dir, storageName)); err != nil {
		return err
	}
	return errors.Join(atomicfile.SyncDir(dir), atomicfile.SyncDir(base), atomicfile.SyncDir(f.path))
}

// createTable is what the client's own statement makes, and empty.
func createTable(file string) error {
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite, sqlite.OpenCreate)
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), lockWait)
	defer cancel()
	conn.SetInterrupt(ctx.Done())
	err = sqlitex.Execute(conn, "CREATE TABLE IF NOT EXISTS points (id TEXT PRIMARY KEY, point BLOB)", nil)
	if err != nil {
		return err
	}
	rows := int64(0)
	err = query(conn, "SELECT count(*) FROM points", func(stmt *sqlite.Stmt) error {
		rows = stmt.ColumnInt64(0)
		return nil
	})
	if err == nil && rows > 0 {
		err = fmt.Errorf("%s is left over from an older collection and holds %d points, which the new one would take over: move or remove that directory first", filepath.Dir(file), rows)
	}
	return err
}

// UpdateCollection rewrites a collection's entry in meta.json (vector names
// added or removed, metadata); keys it does not know stay as found. When a
// vector goes, write the points without it first: rows are not touched here.
func (f *Folder) UpdateCollection(name string, cfg CollectionConfig) error {
	f.change.Lock()
	defer f.change.Unlock()
	now := f.current()
	raw, ok := now.collections.get(name)
	if !ok {
		return fmt.Errorf("%w: %q", ErrNoCollection, name)
	}
	entry, err := parseObject(raw)
	if err = errors.Join(err, checkNewConfig(cfg)); err != nil {
		return &Error{Path: f.path, Collection: name, Reason: "it was not changed", Err: err}
	}
	if err := f.save(now.withCollection(name, mergeEntry(entry, cfg))); err != nil {
		return err
	}
	if c := f.opened(name); c != nil {
		c.setConfig(cfg)
	}
	return nil
}

// opened is the collection if it was opened.
func (f *Folder) opened(name string) *Collection {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.open[name]
}

// DeleteCollection removes a collection and its aliases; false when missing.
// meta.json goes first: after a crash in between, an unnamed directory is left,
// which Check reports.
func (f *Folder) DeleteCollection(name string) (bool, error) {
	f.change.Lock()
	defer f.change.Unlock()
	now := f.current()
	if _, ok := now.collections.get(name); !ok {
		return false, nil
	}
	file, pathErr := storageFile(f.path, name)
	if err := f.save(now.withoutCollection(name)); err != nil {
		return false, err
	}
	if err := f.forget(name); err != nil {
		f.log.Warn("closing a deleted collection", "collection", name, "error", err)
	}
	if pathErr != nil {
		return true, nil // there was no file of ours to remove
	}
	return true, removeStorage(file)
}

// forget closes a collection's file, after the calls under way.
func (f *Folder) forget(name string) error {
	c := f.opened(name)
	if c == nil {
		return nil
	}
	f.mu.Lock()
	delete(f.open, name)
	f.mu.Unlock()
	return c.db.close()
}

// removeStorage removes the files that a collection consists of, and the
// directory if nothing else is in it: an old name with "/" may lie below.
func removeStorage(file string) error {
	for _, suffix := range []string{"", "-journal", "-wal", "-shm"} {
		if err := os.Remove(file + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	_ = os.Remove(filepath.Dir(file)) // fails when it is not empty, as meant
	return atomicfile.SyncDir(filepath.Dir(filepath.Dir(file)))
}
