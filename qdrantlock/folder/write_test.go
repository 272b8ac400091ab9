package folder_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"qgen-sidecar/qdrantlock/folder"
)

var ctx = context.Background()

// emptyStore is a folder as the client makes it, without a collection.
func emptyStore(t *testing.T) string {
	t.Helper()
	path := t.TempDir()
	if err := os.WriteFile(filepath.Join(path, "meta.json"), []byte(`{"collections": {}, "aliases": {}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func create(t *testing.T, f *folder.Folder, name string, cfg folder.CollectionConfig) *folder.Collection {
	t.Helper()
	if err := f.CreateCollection(name, cfg); err != nil {
		t.Fatal(err)
	}
	return collection(t, f, name)
}

func unnamed(size int) folder.CollectionConfig {
	return folder.CollectionConfig{Vectors: map[string]folder.VectorParams{"": {Size: size, Distance: "Cosine"}}}
}

// rich has every kind of vector.
func rich() folder.CollectionConfig {
	return folder.CollectionConfig{
		Vectors: map[string]folder.VectorParams{
			"small": {Size: 2, Distance: "Dot"},
			"many":  {Size: 2, Distance: "Cosine", Multi: true},
		},
		Sparse: map[string]folder.SparseParams{"words": {Modifier: "idf"}},
	}
}

func num(n uint64) folder.ID { return folder.ID{Num: n} }

func point(n uint64, numbers ...float64) folder.Point {
	return folder.Point{ID: num(n), Vectors: map[string]folder.Vector{"": {Dense: numbers}}, Payload: map[string]any{"n": int64(n)}}
}

// richPoints hold what a payload and vectors can hold, at their edges.
func richPoints() []folder.Point {
	uuid := folder.ID{UUID: "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"}
	deep := any("leaf")
	for range 12 {
		deep = []any{deep}
	}
	return []folder.Point{
		{ID: num(0), Vectors: map[string]folder.Vector{}, Payload: map[string]any{}},
		{ID: num(255), Vectors: map[string]folder.Vector{"small": {Dense: []float64{1e-300, math.Inf(1)}}}, Payload: map[string]any{
			"null": nil, "yes": true, "no": false, "int": int64(-5), "zero": int64(0), "big": int64(math.MaxInt64), "least": int64(math.MinInt64),
			"u16": int64(65535), "i32": int64(1 << 31), "neg32": int64(-1 << 31), "float": 0.1, "nan": math.Inf(-1),
		}},
		{ID: num(65536), Vectors: map[string]folder.Vector{"many": {Multi: [][]float64{{1, 2}, {3, 4}}}}, Payload: map[string]any{
			"text": "ünï \x00 日本 🦀", "long": strings.Repeat("ab", 70000), "empty": "", "list": []any{}, "floats": []any{1.5, 2.5},
			"mixed": []any{1.5, int64(2), "x", nil, map[string]any{}}, "deep": deep,
		}},
		{ID: num(math.MaxUint64), Vectors: map[string]folder.Vector{"words": {Sparse: &folder.Sparse{Indices: []uint32{0, 7, math.MaxUint32}, Values: []float64{1, -2, 3}}}}, Payload: map[string]any{"": "empty key"}},
		{ID: uuid, Vectors: map[string]folder.Vector{"words": {Sparse: &folder.Sparse{Indices: []uint32{}, Values: []float64{}}}}, Payload: map[string]any{}},
	}
}

func TestWrittenPointsReadBack(t *testing.T) {
	path := emptyStore(t)
	f := open(t, path)
	c := create(t, f, "all kinds ✓", rich())
	if err := c.Write(ctx, folder.Batch{Put: richPoints()}); err != nil {
		t.Fatal(err)
	}
	f.Close()

	c = collection(t, open(t, path), "all kinds ✓")
	got := scan(t, c)
	for _, want := range richPoints() {
		if diff := cmp.Diff(want, got[want.ID], cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("point %s (-written +read):\n%s", want.ID, diff)
		}
	}
	if len(got) != len(richPoints()) || len(c.BadRows()) > 0 {
		t.Errorf("%d points, bad rows %v", len(got), c.BadRows())
	}
}

func TestGetKeepsOrderAndRepeatsAndDropsMissing(t *testing.T) {
	c := create(t, open(t, emptyStore(t)), "c", unnamed(1))
	if err := c.Write(ctx, folder.Batch{Put: []folder.Point{point(1, 1), point(2, 2), point(3, 3)}}); err != nil {
		t.Fatal(err)
	}
	points, err := c.Get(ctx, []folder.ID{num(3), num(9), num(1), num(3)})
	if err != nil {
		t.Fatal(err)
	}
	got := []uint64{}
	for _, p := range points {
		got = append(got, p.ID.Num)
	}
	if diff := cmp.Diff([]uint64{3, 1, 3}, got); diff != "" {
		t.Error(diff)
	}
}

func TestBatchDeletesThenPutsAndTheLastWins(t *testing.T) {
	path := emptyStore(t)
	f := open(t, path)
	c := create(t, f, "c", unnamed(1))
	for _, b := range []folder.Batch{
		{Put: []folder.Point{point(1, 1), point(2, 2), point(3, 3), point(1, 10)}},
		{Delete: []folder.ID{num(2), num(2), num(3), num(77)}, Put: []folder.Point{point(3, 30)}},
		{Delete: []folder.ID{num(1)}},
	} {
		if err := c.Write(ctx, b); err != nil {
			t.Fatal(err)
		}
	}
	for _, got := range []map[folder.ID]folder.Point{scan(t, c), scan(t, reopened(t, f, path, "c"))} {
		if len(got) != 1 || got[num(3)].Vectors[""].Dense[0] != 30 {
			t.Errorf("expected point 3 alone, with 30: %v", got)
		}
	}
}

func reopened(t *testing.T, f *folder.Folder, path, name string) *folder.Collection {
	t.Helper()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return collection(t, open(t, path), name)
}

func TestABatchThatCannotBeReadBackIsRefusedWhole(t *testing.T) {
	c := create(t, open(t, emptyStore(t)), "c", rich())
	good := folder.Point{ID: num(1), Payload: map[string]any{"a": "b"}}
	dense := func(name string, v ...float64) folder.Point {
		return folder.Point{ID: num(2), Vectors: map[string]folder.Vector{name: {Dense: v}}}
	}
	sparse := func(i []uint32, v ...float64) folder.Point {
		return folder.Point{ID: num(2), Vectors: map[string]folder.Vector{"words": {Sparse: &folder.Sparse{Indices: i, Values: v}}}}
	}
	for name, bad := range map[string]folder.Point{
		"too short":       dense("small", 1),
		"NaN":             dense("small", 1, math.NaN()),
		"unknown name":    dense("other", 1, 2),
		"dense as sparse": dense("words", 1, 2),
		"dense as multi":  dense("many", 1, 2),
		"repeated index":  sparse([]uint32{3, 3}, 1, 2),
		"lengths differ":  sparse([]uint32{3}, 1, 2),
		"upper-case id":   {ID: folder.ID{UUID: "AAAAAAAA-AAAA-4AAA-8AAA-AAAAAAAAAAAA"}},
		"no id":           {ID: folder.ID{UUID: "abc"}},
		"not UTF-8":       {ID: num(2), Payload: map[string]any{"t": "\xff"}},
		"odd type":        {ID: num(2), Payload: map[string]any{"t": struct{}{}}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.Write(ctx, folder.Batch{Put: []folder.Point{good, bad}}); err == nil {
				t.Error("expected an error")
			}
			if ids, err := c.IDs(ctx); len(ids) != 0 || err != nil {
				t.Errorf("something was written: %v, %v", ids, err)
			}
		})
	}
}

func TestACancelledWriteChangesNothing(t *testing.T) {
	c := create(t, open(t, emptyStore(t)), "c", unnamed(1))
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := c.Write(cancelled, folder.Batch{Put: []folder.Point{point(1, 1)}}); err == nil {
		t.Error("expected an error")
	}
	if n, err := c.Count(ctx); n != 0 || err != nil {
		t.Errorf("%d points, %v", n, err)
	}
}

// sql runs statements on a collection's file as somebody else would.
func sql(t *testing.T, path, name, statement string, args ...any) {
	t.Helper()
	conn, err := sqlite.OpenConn(filepath.Join(path, "collection", name, "storage.sqlite"), sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := sqlitex.Execute(conn, statement, &sqlitex.ExecOptions{Args: args}); err != nil {
		t.Fatal(err)
	}
}

func countRows(t *testing.T, path, name string) (n int) {
	t.Helper()
	conn, err := sqlite.OpenConn(filepath.Join(path, "collection", name, "storage.sqlite"), sqlite.OpenReadOnly)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = sqlitex.Execute(conn, "SELECT count(*) FROM points", &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error {
		n = s.ColumnInt(0)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Point 1 under three keys: one that no unpickler reads, protocol 5 as Python
// 3.14 wrote it, and protocol 4.
func TestTheHighestRowOfAPointWinsAndTheOthersGoWhenItIsWritten(t *testing.T) {
	path := emptyStore(t)
	f := open(t, path)
	c := create(t, f, "c", unnamed(1))
	if err := c.Write(ctx, folder.Batch{Put: []folder.Point{point(1, 1), point(2, 2), point(3, 3)}}); err != nil {
		t.Fatal(err)
	}
	copyRow := "INSERT INTO points(rowid, id, point) SELECT ?, ?, point FROM points WHERE rowid = 1"
	sql(t, path, "c", copyRow, 0, "no pickle")
	sql(t, path, "c", copyRow, -5, "gAVLAS4=")
	// The rows just copied are not known to c, which has read its keys before.
	if err := c.Write(ctx, folder.Batch{Put: []folder.Point{point(1, 5)}}); err != nil || countRows(t, path, "c") != 5 {
		t.Fatalf("expected three rows of point 1: %v", err)
	}
	c = reopened(t, f, path, "c")
	if got := scan(t, c); len(got) != 3 || got[num(1)].Vectors[""].Dense[0] != 5 || len(c.BadRows()) > 0 {
		t.Fatalf("points %v, bad rows %v", got, c.BadRows())
	}
	if rows := countRows(t, path, "c"); rows != 5 {
		t.Errorf("reading left %d rows of 5", rows)
	}
	if err := c.Write(ctx, folder.Batch{Put: []folder.Point{point(1, 42)}}); err != nil {
		t.Fatal(err)
	}
	if rows, got := countRows(t, path, "c"), scan(t, c); rows != 3 || got[num(1)].Vectors[""].Dense[0] != 42 {
		t.Errorf("%d rows, points %v", rows, got)
	}
}

// The only row of a point has an old key: an edit must not make a second row.
func TestAKeyAsFoundIsReplaced(t *testing.T) {
	path := copyFixture(t, "v1_15_1") // holds BBBBBBBB-... and cccc... without hyphens
	c := collection(t, open(t, path), "plain")
	before := countRows(t, path, "plain")
	ids := []folder.ID{{UUID: "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"}, {UUID: "cccccccc-cccc-4ccc-8ccc-cccccccccccc"}}
	points, err := c.Get(ctx, ids)
	if err != nil || len(points) != 2 {
		t.Fatalf("%v, %v", points, err)
	}
	if err := c.Write(ctx, folder.Batch{Put: points}); err != nil {
		t.Fatal(err)
	}
	if after := countRows(t, path, "plain"); after != before {
		t.Errorf("%d rows became %d", before, after)
	}
	if err := c.Write(ctx, folder.Batch{Delete: ids}); err != nil {
		t.Fatal(err)
	}
	if after := countRows(t, path, "plain"); after != before-2 {
		t.Errorf("%d rows after deleting two of %d", after, before)
	}
}
