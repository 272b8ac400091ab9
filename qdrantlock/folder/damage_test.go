package folder_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"qgen-sidecar/internal/locktest"
	"qgen-sidecar/qdrantlock/folder"
)

// evil is what pickle.dumps gives for an object whose __reduce__ is
// (os.system, ("touch marker",)) or (open, (marker, "w")).
func evil(marker string) map[string]string {
	short := func(s string) string { return "\x8c" + string(rune(len(s))) + s }
	return map[string]string{
		"os.system": "\x80\x04" + short("posix") + short("system") + "\x93" + short("touch "+marker) + "\x85R.",
		"open":      "\x80\x04" + short("io") + short("open") + "\x93" + short(marker) + short("w") + "\x86R.",
		"global":    "\x80\x02cos\nsystem\n" + short("touch "+marker) + "\x85R.",
		"inside": "\x80\x04" + short("qdrant_client.http.models.models") + short("PointStruct") + "\x93)\x81}(" + short("__dict__") +
			"}(" + short("id") + "K\x01" + short("payload") + short("builtins") + short("eval") + "\x93" + short("1/0") + "\x85Ruub.",
	}
}

func TestARowThatWouldRunCodeIsRefusedAndNamed(t *testing.T) {
	path := emptyStore(t)
	f := open(t, path)
	c := create(t, f, "c", unnamed(1))
	if err := c.Write(ctx, folder.Batch{Put: []folder.Point{point(1, 1), point(2, 2)}}); err != nil {
		t.Fatal(err)
	}
	marker := filepath.Join(t.TempDir(), "m")
	for name, pickle := range evil(marker) {
		sql(t, path, "c", "INSERT INTO points(id, point) VALUES (?, ?)", name, []byte(pickle))
	}
	sql(t, path, "c", "UPDATE points SET point = ? WHERE rowid = 1", []byte(evil(marker)["os.system"]))
	c = reopened(t, f, path, "c")
	if got := scan(t, c); len(got) != 1 || got[num(2)].Payload["n"] != int64(2) {
		t.Errorf("expected point 2 alone: %v", got)
	}
	if len(c.BadRows()) != 5 {
		t.Errorf("expected five bad rows: %v", c.BadRows())
	}
	for _, row := range c.BadRows() {
		if row.Collection != "c" || row.RowID == 0 || !strings.Contains(row.Reason, "refused") {
			t.Errorf("%+v", row)
		}
	}
	if _, err := os.Stat(marker); !os.IsNotExist(err) {
		t.Fatal("a row ran code")
	}
}

// damage is one broken row, with the reason to expect.
func damages(t *testing.T) map[string][]any {
	t.Helper()
	return map[string][]any{
		"truncated":   {[]byte("\x80\x04\x8c\x20qdrant_cl"), "truncated"},
		"empty":       {[]byte{0x80}, "truncated"},
		"NULL":        {nil, "no blob"},
		"text":        {"words", "no blob"},
		"another":     {[]byte("\x80\x04}."), "holds no point"},
		"bare class":  {[]byte("\x80\x04\x8c\x08datetime\x8c\x04date\x93."), "holds no point"},
		"protocol 9":  {[]byte("\x80\x09N."), "protocol"},
		"opcode":      {[]byte("\x80\x04\x82\x01."), "opcode"},
		"empty stack": {[]byte("\x80\x04R."), "stack"},
	}
}

func TestABrokenRowIsNamedAndNeverOverwritten(t *testing.T) {
	for name, damage := range damages(t) {
		t.Run(name, func(t *testing.T) {
			path := emptyStore(t)
			f := open(t, path)
			c := create(t, f, "c", unnamed(1))
			if err := c.Write(ctx, folder.Batch{Put: []folder.Point{point(7, 1), point(8, 2)}}); err != nil {
				t.Fatal(err)
			}
			sql(t, path, "c", "UPDATE points SET point = ? WHERE rowid = 1", damage[0])
			c = reopened(t, f, path, "c")
			points, err := c.Get(ctx, []folder.ID{num(7), num(8)})
			if err != nil || len(points) != 1 || points[0].ID != num(8) {
				t.Fatalf("Get: %v, %v", points, err)
			}
			bad := c.BadRows()
			if len(bad) != 1 || bad[0].RowID != 1 || bad[0].ID != "7" || !strings.Contains(bad[0].Reason, damage[1].(string)) {
				t.Errorf("bad rows %+v, expected row 1 for %q", bad, damage[1])
			}
			if ids, err := c.IDs(ctx); len(ids) != 1 || err != nil {
				t.Errorf("ids %v, %v", ids, err)
			}
			for _, b := range []folder.Batch{{Put: []folder.Point{point(9, 9), point(7, 7)}}, {Delete: []folder.ID{num(8), num(7)}}} {
				if err := c.Write(ctx, b); !errors.As(err, new(*folder.BadRowError)) {
					t.Errorf("expected a BadRowError, got %v", err)
				}
			}
			if n := countRows(t, path, "c"); n != 2 || len(scan(t, c)) != 1 {
				t.Errorf("%d rows", n)
			}
		})
	}
}

// pointPickle is a point with any id and vector, written by hand.
func pointPickle(id, vector string) []byte {
	return []byte("\x80\x04\x8c\x20qdrant_client.http.models.models\x8c\x0bPointStruct\x93)\x81}\x8c\x08__dict__}(" +
		"\x8c\x02id" + id + "\x8c\x06vector" + vector + "\x8c\x07payloadNusb.")
}

func TestRowsThatQdrantCannotCarryAreNamed(t *testing.T) {
	one := "](G\x3f\xf0\x00\x00\x00\x00\x00\x00e"
	for name, c := range map[string]struct {
		pickle []byte
		reason string
	}{
		"negative id":     {pointPickle("J\xff\xff\xff\xff", one), "negative"},
		"id over 2^64":    {pointPickle("\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01", one), "too large"},
		"id of words":     {pointPickle("\x8c\x03abc", one), "no UUID"},
		"no id":           {pointPickle("N", one), "no id"},
		"wrong length":    {pointPickle("K\x05", "](G\x3f\xf0\x00\x00\x00\x00\x00\x00G\x3f\xf0\x00\x00\x00\x00\x00\x00e"), "expected 1 numbers"},
		"words as floats": {pointPickle("K\x05", "]\x8c\x01xa"), "expected"},
	} {
		t.Run(name, func(t *testing.T) {
			path := emptyStore(t)
			f := open(t, path)
			create(t, f, "c", unnamed(1))
			sql(t, path, "c", "INSERT INTO points(id, point) VALUES ('x', ?)", c.pickle)
			col := reopened(t, f, path, "c")
			if got := scan(t, col); len(got) != 0 {
				t.Errorf("read %v", got)
			}
			if bad := col.BadRows(); len(bad) != 1 || !strings.Contains(bad[0].Reason, c.reason) {
				t.Errorf("%+v, expected %q", bad, c.reason)
			}
		})
	}
}

// A pickle of a hundred bytes can name one list 10^9 times over.
func TestAPickleThatGrowsWithoutBoundIsRefused(t *testing.T) {
	payload := strings.Builder{}
	payload.WriteString("}\x8c\x01a](N" + "N" + "N" + "e\x94")
	for i := range 40 {
		payload.WriteString(fmt.Sprintf("0](h%[1]ch%[1]ch%[1]ce\x94", i))
	}
	payload.WriteString("s")
	blob := strings.Replace(string(pointPickle("K\x01", "]")), "\x8c\x07payloadN", "\x8c\x07payload"+payload.String(), 1)
	deep := "}\x8c\x01a" + strings.Repeat("](", 5000) + strings.Repeat("e", 5000) + "s"
	nested := strings.Replace(string(pointPickle("K\x02", "]")), "\x8c\x07payloadN", "\x8c\x07payload"+deep, 1)

	big := "}\x8c\x01a](X\x00\x00\x08\x00" + strings.Repeat("x", 1<<19) + "\x94" + strings.Repeat("h\x00", 1<<18) + "es"
	words := strings.Replace(string(pointPickle("K\x03", "]")), "\x8c\x07payloadN", "\x8c\x07payload"+big, 1)
	row := "](](" + strings.Repeat("G\x3f\xf0\x00\x00\x00\x00\x00\x00", 1<<16) + "e\x94" + strings.Repeat("h\x00", 1<<16) + "e"
	matrix := string(pointPickle("K\x04", "}\x8c\x01m"+row+"s"))

	path := emptyStore(t)
	f := open(t, path)
	create(t, f, "c", folder.CollectionConfig{Vectors: map[string]folder.VectorParams{"m": {Size: 1 << 16, Distance: "Dot", Multi: true}}})
	for i, pickle := range []string{blob, nested, words, matrix} {
		sql(t, path, "c", "INSERT INTO points(id, point) VALUES (?, ?)", fmt.Sprint(i), []byte(pickle))
	}
	c := reopened(t, f, path, "c")
	if got := scan(t, c); len(got) != 0 || len(c.BadRows()) != 4 {
		t.Fatalf("%v, %+v", got, c.BadRows())
	}
	for i, reason := range []string{"larger than the row", "nested deeper", "larger than the row", "larger than the row"} {
		if !strings.Contains(c.BadRows()[i].Reason, reason) {
			t.Errorf("%+v, expected %q", c.BadRows()[i], reason)
		}
	}
}

func TestAnUnusableCollectionLeavesTheOthersUsable(t *testing.T) {
	elsewhere := filepath.Join(copyFixture(t, "v1_20"), "collection", "plain")
	for name, c := range map[string]struct {
		harm   func(path, dir string) error
		reason string
	}{
		"file missing":   {func(_, dir string) error { return os.Remove(filepath.Join(dir, "storage.sqlite")) }, "missing"},
		"folder missing": {func(_, dir string) error { return os.RemoveAll(dir) }, "missing"},
		"no bytes":       {func(_, dir string) error { return os.Truncate(filepath.Join(dir, "storage.sqlite"), 0) }, "no table"},
		"no database": {func(_, dir string) error {
			return os.WriteFile(filepath.Join(dir, "storage.sqlite"), []byte(strings.Repeat("x", 9000)), 0o600)
		}, "not a database"},
		"linked file": {func(_, dir string) error {
			return errors.Join(os.Remove(filepath.Join(dir, "storage.sqlite")), os.Symlink(filepath.Join(elsewhere, "storage.sqlite"), filepath.Join(dir, "storage.sqlite")))
		}, "link"},
		"linked folder": {func(_, dir string) error { return errors.Join(os.RemoveAll(dir), os.Symlink(elsewhere, dir)) }, "link"},
	} {
		t.Run(name, func(t *testing.T) {
			path := copyFixture(t, "v1_20")
			if err := c.harm(path, filepath.Join(path, "collection", "plain")); err != nil {
				t.Fatal(err)
			}
			f := open(t, path)
			_, err := f.Collection("plain")
			var bad *folder.Error
			if !errors.As(err, &bad) || bad.Collection != "plain" || !strings.Contains(err.Error(), c.reason) {
				t.Errorf("expected an error with %q, got %v", c.reason, err)
			}
			if got := scan(t, collection(t, f, "named ✓")); len(got) != 8 {
				t.Errorf("the other collection has %d points", len(got))
			}
		})
	}
}

func TestANameThatLeadsOutOfTheFolderIsRefused(t *testing.T) {
	path := copyFixture(t, "v1_20")
	outside := copyFixture(t, "v1_20")
	vectors := `{"vectors": {"size": 4, "distance": "Cosine"}}`
	rel, err := filepath.Rel(filepath.Join(path, "collection"), filepath.Join(outside, "collection", "plain"))
	if err != nil {
		t.Fatal(err)
	}
	writeMeta(t, path, fmt.Sprintf(`{"collections": {%q: %s, %q: %s, "": %s, ".": %s}, "aliases": {}}`, rel, vectors, filepath.Join(outside, "collection", "plain"), vectors, vectors, vectors))
	f := open(t, path)
	for _, name := range f.Collections() {
		if _, err := f.Collection(name); !errors.As(err, new(*folder.Error)) {
			t.Errorf("%q was opened: %v", name, err)
		}
	}
}

func TestAnUnusableMetaIsAnErrorAndTheLockIsFree(t *testing.T) {
	for name, text := range map[string]string{
		"empty":          "",
		"cut":            `{"collections": {"a": {"vect`,
		"array":          `[]`,
		"no collections": `{"aliases": {}}`,
		"odd aliases":    `{"collections": {}, "aliases": {"a": 1}}`,
	} {
		t.Run(name, func(t *testing.T) {
			path := emptyStore(t)
			writeMeta(t, path, text)
			if _, err := folder.Open(path, nil); !errors.As(err, new(*folder.Error)) || !strings.Contains(err.Error(), "meta.json") {
				t.Errorf("expected an error about meta.json, got %v", err)
			}
			if metaText(t, path) != text {
				t.Error("meta.json was changed")
			}
			if locktest.Held(t, path) {
				t.Error("still locked")
			}
		})
	}
}
