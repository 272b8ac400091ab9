package folder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/hashicorp/go-hclog"
	"zombiezen.com/go/sqlite"
)

// viewed is a folder looked at for a report: held if that was possible, else
// read beside its holder, which SQLite's own locks make safe.
type viewed struct {
	folder    *Folder
	flags     sqlite.OpenFlags
	locked    bool
	holderPID int
}

// view takes the lock if it is free. Beside a holder it opens files for reading
// only; a journal left by a crash can then not be rolled back.
func view(path string) (*viewed, error) {
	f, err := Open(path, nil)
	if err == nil {
		return &viewed{folder: f, flags: sqlite.OpenReadWrite}, nil
	}
	var held *LockedError
	if !errors.As(err, &held) {
		return nil, err
	}
	m, err := readMeta(held.Path)
	if err != nil {
		return nil, err
	}
	f = &Folder{path: held.Path, log: hclog.NewNullLogger(), meta: m, open: map[string]*Collection{}, closed: true}
	return &viewed{folder: f, flags: sqlite.OpenReadOnly, locked: true, holderPID: held.HolderPID}, nil
}

func (v *viewed) close() error { return v.folder.Close() }

// collection opens one for reading; the caller closes its db.
func (v *viewed) collection(name string) (*Collection, error) {
	entry, _ := v.folder.current().collections.get(name)
	cfg, err := parseConfig(entry)
	if err != nil {
		return nil, err
	}
	file, err := storageFile(v.folder.path, name)
	if err != nil {
		return nil, err
	}
	db, err := openDatabase(file, v.flags)
	if err != nil {
		return nil, err
	}
	return &Collection{name: name, folder: v.folder, db: db, config: cfg}, nil
}

// Check reads every file and every row of a folder and changes nothing. It
// works beside the lock's holder. An error means that there is no folder to
// check; what is wrong in it is in the report.
func Check(ctx context.Context, path string) (Report, error) {
	v, err := view(path)
	if err != nil {
		return Report{}, err
	}
	defer v.close()
	r := Report{Path: v.folder.path, Locked: v.locked, HolderPID: v.holderPID,
		Collections: []CollectionReport{}, Leftover: []string{}, Problems: []string{}}
	for _, name := range v.folder.Collections() {
		part := v.check(ctx, name)
		if ctx.Err() != nil {
			return Report{}, ctx.Err()
		}
		r.Collections = append(r.Collections, part)
		r.Problems = append(r.Problems, part.problems()...)
	}
	for alias, target := range v.folder.Aliases() {
		if !slices.Contains(v.folder.Collections(), target) {
			r.Problems = append(r.Problems, fmt.Sprintf("alias %q names collection %q, which does not exist", alias, target))
		}
	}
	r.Leftover = v.leftover()
	for _, dir := range r.Leftover {
		r.Problems = append(r.Problems, fmt.Sprintf("directory %s is not named in meta.json; a new collection of that name would take over its rows", dir))
	}
	r.OK = len(r.Problems) == 0
	return r, nil
}

func (v *viewed) check(ctx context.Context, name string) CollectionReport {
	r := CollectionReport{Name: name, BadRows: []BadRow{}}
	c, err := v.collection(name)
	if err != nil {
		r.Error = err.Error()
		return r
	}
	defer c.db.close()
	err = c.read(ctx, func(conn *sqlite.Conn) error {
		r.Points = len(c.index.rows)
		for _, rows := range c.index.older {
			r.Duplicates += len(rows)
		}
		return errors.Join(countRows(conn, &r.Rows), integrity(conn, &r.Integrity))
	})
	if err == nil {
		r.Points = 0
		err = c.Scan(ctx, true, true, func(Point) error { r.Points++; return nil })
	}
	if err != nil {
		r.Error = err.Error()
	}
	r.BadRows = append(r.BadRows, c.BadRows()...)
	return r
}

func countRows(conn *sqlite.Conn, n *int) error {
	return query(conn, "SELECT count(*) FROM points", func(stmt *sqlite.Stmt) error {
		*n = stmt.ColumnInt(0)
		return nil
	})
}

// integrity is SQLite's own check: "ok", or what is wrong.
func integrity(conn *sqlite.Conn, verdict *string) error {
	return query(conn, "PRAGMA integrity_check(20)", func(stmt *sqlite.Stmt) error {
		if *verdict != "" {
			*verdict += "; "
		}
		*verdict += stmt.ColumnText(0)
		return nil
	})
}

func (r CollectionReport) problems() []string {
	var problems []string
	if r.Error != "" {
		problems = append(problems, fmt.Sprintf("collection %q is unusable: %s", r.Name, r.Error))
	}
	if r.Integrity != "" && r.Integrity != "ok" {
		problems = append(problems, fmt.Sprintf("collection %q: SQLite finds %s", r.Name, r.Integrity))
	}
	for _, row := range r.BadRows {
		problems = append(problems, row.String())
	}
	return problems
}

// leftover are directories with rows' files that meta.json does not name,
// relative to the folder.
func (v *viewed) leftover() []string {
	found := []string{}
	base := filepath.Join(v.folder.path, "collection")
	named := v.folder.Collections()
	_ = filepath.WalkDir(base, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil // what cannot be listed cannot be taken over either
		}
		name, _ := filepath.Rel(base, filepath.Dir(path))
		if entry.Name() == storageName && !slices.Contains(named, filepath.ToSlash(name)) {
			found = append(found, filepath.Join("collection", name))
		}
		return nil
	})
	return found
}
