package folder

import (
	"context"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// lockWait is how long a read or a commit waits for another process's SQLite
// lock: a Python client that tries to open a held folder reads all of it first.
const lockWait = 30 * time.Second

// database is one SQLite file. Its one connection is used by one caller at a
// time, who may wait for it as long as its context lives.
type database struct {
	file string
	turn chan struct{} // holds a token while nobody uses conn
	conn *sqlite.Conn  // nil once closed
}

// openDatabase opens a file that is there; mode of the journal stays as found.
func openDatabase(file string, flags sqlite.OpenFlags) (*database, error) {
	conn, err := sqlite.OpenConn(file, flags)
	if err != nil {
		return nil, err
	}
	d := &database{file: file, turn: make(chan struct{}, 1), conn: conn}
	d.turn <- struct{}{}
	// EXTRA is FULL plus a flush of the directory after the journal is gone:
	// without it a power cut right after a commit can bring the journal back.
	err = sqlitex.ExecuteTransient(conn, "PRAGMA synchronous=EXTRA", nil)
	if err == nil {
		err = d.read(context.Background(), d.checkTable)
	}
	if err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

// checkTable looks for the one table with its two columns.
func (d *database) checkTable(conn *sqlite.Conn) error {
	stmt, _, err := conn.PrepareTransient("SELECT rowid, id, point FROM points LIMIT 0")
	if err != nil {
		return fmt.Errorf("it has no table points(id, point): %w", err)
	}
	return stmt.Finalize()
}

// acquire waits for the connection's turn.
func (d *database) acquire(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-d.turn:
	}
	if d.conn == nil {
		d.turn <- struct{}{}
		return ErrClosed
	}
	return nil
}

func (d *database) release() { d.turn <- struct{}{} }

// close waits for whoever uses the connection.
func (d *database) close() error {
	<-d.turn
	defer d.release()
	if d.conn == nil {
		return nil
	}
	err := d.conn.Close()
	d.conn = nil
	return err
}

// read runs fn in a transaction that sees one state of the file.
func (d *database) read(ctx context.Context, fn func(*sqlite.Conn) error) error {
	if err := d.acquire(ctx); err != nil {
		return err
	}
	defer d.release()
	if err := d.execute(ctx, "BEGIN", "SELECT count(*) FROM sqlite_schema"); err != nil {
		d.rollback()
		return err
	}
	defer d.rollback()
	d.conn.SetInterrupt(ctx.Done())
	return reason(ctx, fn(d.conn))
}

// writeThen runs fn in a transaction, commits it, and calls then before anybody
// else's turn. On any error, and when the context ends before the commit,
// nothing is changed and then is not called.
func (d *database) writeThen(ctx context.Context, fn func(*sqlite.Conn) error, then func()) error {
	if err := d.acquire(ctx); err != nil {
		return err
	}
	defer d.release()
	if err := d.execute(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	d.conn.SetInterrupt(ctx.Done())
	err := reason(ctx, fn(d.conn))
	if err == nil {
		err = d.execute(ctx, "COMMIT")
	}
	if err != nil {
		d.rollback()
		return err
	}
	then()
	return nil
}

// execute runs statements that may have to wait for another process's lock.
func (d *database) execute(ctx context.Context, statements ...string) error {
	wait, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	d.conn.SetInterrupt(wait.Done())
	defer d.conn.SetInterrupt(nil)
	for _, statement := range statements {
		err := sqlitex.Execute(d.conn, statement, nil)
		if err != nil && ctx.Err() == nil && wait.Err() != nil {
			return fmt.Errorf("another process kept %s locked for %s: %w", storageName, lockWait, err)
		}
		if err != nil {
			return reason(ctx, err)
		}
	}
	return nil
}

// rollback ends a transaction if there is one; it must not be interrupted.
func (d *database) rollback() {
	d.conn.SetInterrupt(nil)
	if !d.conn.AutocommitEnabled() {
		_ = sqlitex.Execute(d.conn, "ROLLBACK", nil) // fails only if SQLite ended it already
	}
}

// reason prefers the context's own error to SQLite's "interrupted".
func reason(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil && sqlite.ErrCode(err).ToPrimary() == sqlite.ResultInterrupt {
		return ctx.Err()
	}
	return err
}

// query runs a statement and calls each with a row until an error.
func query(conn *sqlite.Conn, sql string, each func(*sqlite.Stmt) error, args ...any) error {
	return sqlitex.Execute(conn, sql, &sqlitex.ExecOptions{Args: args, ResultFunc: each})
}

// blobOf reads a column of bytes into buf, growing it; nil for NULL and for
// what is no blob.
func blobOf(stmt *sqlite.Stmt, column int, buf []byte) []byte {
	if stmt.ColumnType(column) != sqlite.TypeBlob {
		return nil
	}
	n := stmt.ColumnLen(column)
	if cap(buf) < n {
		buf = make([]byte, n, n+n/4)
	}
	return buf[:stmt.ColumnBytes(column, buf[:n])]
}
