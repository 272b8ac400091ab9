package folder

import (
	"testing"

	"zombiezen.com/go/sqlite"
)

// FuzzRow: whatever the bytes are, decoding ends, and what decodes to a point
// that may be written is written and read back the same.
func FuzzRow(f *testing.F) {
	for _, name := range []string{"plain", "named ✓", "sparse_only", "multi_default"} {
		conn, err := sqlite.OpenConn("testdata/qdrant/v1_15_1/storage/collection/"+name+"/storage.sqlite", sqlite.OpenReadOnly)
		if err != nil {
			f.Fatal(err)
		}
		err = query(conn, "SELECT point FROM points LIMIT 3", func(s *sqlite.Stmt) error {
			f.Add(blobOf(s, 0, nil))
			return nil
		})
		if err != nil {
			f.Fatal(err)
		}
		conn.Close()
	}
	f.Add([]byte("\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R."))
	f.Add([]byte("\x80\x04](]\x94h\x00h\x00e\x940h\x01."))
	config := CollectionConfig{
		Vectors: map[string]VectorParams{"": {Size: 4, Distance: "Dot"}, "small": {Size: 3, Distance: "Dot"}, "multi": {Size: 2, Multi: true, Distance: "Dot"}},
		Sparse:  map[string]SparseParams{"s": {}, "sp": {}},
	}
	f.Fuzz(func(t *testing.T, blob []byte) {
		d := &decoder{config: config}
		p, err := d.row(blob, want{true, true})
		if err != nil || checkPoint(p, config) != nil {
			return
		}
		again, err := encodePoint(p, false)
		if err != nil {
			t.Fatalf("%+v was read but cannot be written: %v", p, err)
		}
		q, err := d.row(again, want{true, true})
		if err != nil || q.ID != p.ID || len(q.Vectors) != len(p.Vectors) || len(q.Payload) != len(p.Payload) {
			t.Fatalf("%+v became %+v: %v", p, q, err)
		}
	})
}
