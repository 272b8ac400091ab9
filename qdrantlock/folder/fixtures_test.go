package folder_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"qgen-sidecar/qdrantlock/folder"
)

var versions = []string{"v1_1_7", "v1_9_2", "v1_12_1", "v1_15_1", "v1_20"}

// copyFixture gives a folder that a qdrant-client of that version wrote, to
// work on.
func copyFixture(t *testing.T, version string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store")
	if err := os.CopyFS(path, os.DirFS(filepath.Join("testdata", "qdrant", version, "storage"))); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t *testing.T, path string) *folder.Folder {
	t.Helper()
	f, err := folder.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func collection(t *testing.T, f *folder.Folder, name string) *folder.Collection {
	t.Helper()
	c, err := f.Collection(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func scan(t *testing.T, c *folder.Collection) map[folder.ID]folder.Point {
	t.Helper()
	points := map[folder.ID]folder.Point{}
	err := c.Scan(context.Background(), true, true, func(p folder.Point) error {
		if _, twice := points[p.ID]; twice {
			t.Errorf("point %s came twice", p.ID)
		}
		points[p.ID] = p
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return points
}

// expectation is what the client of that version showed of the folder.
type expectation struct {
	Collections map[string]struct {
		Count  int
		Params struct{ Vectors map[string]any }
		Points []struct {
			ID      json.RawMessage
			Payload map[string]any
			Vector  json.RawMessage
		}
	}
}

func readExpectation(t *testing.T, version string) expectation {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "qdrant", version, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	// An old client shows a zero vector as NaN.
	d := json.NewDecoder(strings.NewReader(strings.ReplaceAll(string(raw), "NaN", "0.0")))
	d.UseNumber()
	var e expectation
	if err := d.Decode(&e); err != nil {
		t.Fatal(err)
	}
	return e
}

// clientOf120 is what a current client makes of a payload that an old one kept
// as Python objects and showed as such.
func clientOf120(t *testing.T, version, collection, id string, shown map[string]any) map[string]any {
	t.Helper()
	if version != "v1_1_7" || id != "40" {
		return shown
	}
	for _, p := range readExpectation(t, "v1_20").Collections[collection].Points {
		if string(p.ID) == id {
			return p.Payload
		}
	}
	return nil
}

func TestFixturesReadAsTheClientShowsThem(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			expected := readExpectation(t, version)
			f := open(t, copyFixture(t, version))
			names := []string{}
			for name, want := range expected.Collections {
				names = append(names, name)
				c := collection(t, f, name)
				got := scan(t, c)
				if len(got) != want.Count || len(c.BadRows()) > 0 {
					t.Errorf("%s: %d points, expected %d; bad rows: %v", name, len(got), want.Count, c.BadRows())
				}
				order := []folder.ID{}
				for _, p := range want.Points {
					id := readID(t, p.ID)
					order = append(order, id)
					comparePayload(t, id, got[id].Payload, clientOf120(t, version, name, string(p.ID), p.Payload))
					compareVectors(t, id, got[id].Vectors, p.Vector, c.Config())
				}
				ids, err := c.IDs(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(order, append([]folder.ID{}, ids...)); diff != "" {
					t.Errorf("%s: ids (-client +here):\n%s", name, diff)
				}
				points, err := c.Get(context.Background(), ids)
				if err != nil || len(points) != len(ids) {
					t.Fatalf("Get: %d points, %v", len(points), err)
				}
				for _, p := range points {
					if diff := cmp.Diff(got[p.ID], p); diff != "" {
						t.Errorf("Get and Scan differ: %s", diff)
					}
				}
			}
			if len(names) != len(f.Collections()) {
				t.Errorf("collections %v, expected %v", f.Collections(), names)
			}
			if diff := cmp.Diff(map[string]string{"alias_to_plain": "plain"}, f.Aliases()); diff != "" {
				t.Errorf("aliases: %s", diff)
			}
		})
	}
}

func readID(t *testing.T, raw json.RawMessage) folder.ID {
	t.Helper()
	var id folder.ID
	var text string
	if json.Unmarshal(raw, &text) == nil { // older clients kept the user's spelling
		return folder.ID{UUID: uuid.MustParse(text).String()}
	}
	if err := json.Unmarshal(raw, &id.Num); err != nil {
		t.Fatalf("id %s: %v", raw, err)
	}
	return id
}

func comparePayload(t *testing.T, id folder.ID, got map[string]any, want map[string]any) {
	t.Helper()
	if want == nil {
		want = map[string]any{} // an absent payload reads as an empty one
	}
	raw, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	var plain any
	if err := d.Decode(&plain); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(typed(plain), any(got)); diff != "" {
		t.Errorf("point %s payload (-client +here):\n%s", id, diff)
	}
}

// typed makes int64 and float64 of JSON numbers, by their spelling.
func typed(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = typed(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = typed(v[key])
		}
	}
	return v
}

// compareVectors holds ours against the client's JSON, to 1e-6; under cosine
// the client may show the vector at length one.
func compareVectors(t *testing.T, id folder.ID, got map[string]folder.Vector, raw json.RawMessage, cfg folder.CollectionConfig) {
	t.Helper()
	want := map[string]json.RawMessage{}
	if json.Unmarshal(raw, &want) != nil {
		want = map[string]json.RawMessage{"": raw}
	}
	if len(got) != len(want) {
		t.Errorf("point %s: %d vectors, expected %d", id, len(got), len(want))
	}
	for name, raw := range want {
		vector, cosine := got[name], cfg.Vectors[name].Distance == "Cosine"
		var sparse struct {
			Indices []uint32
			Values  []float64
		}
		var multi [][]float64
		var dense []float64
		switch {
		case json.Unmarshal(raw, &dense) == nil:
			near(t, id, name, vector.Dense, dense, cosine)
		case json.Unmarshal(raw, &multi) == nil:
			if len(multi) != len(vector.Multi) {
				t.Fatalf("point %s vector %q: %d rows, expected %d", id, name, len(vector.Multi), len(multi))
			}
			for i := range multi {
				near(t, id, name, vector.Multi[i], multi[i], cosine)
			}
		case json.Unmarshal(raw, &sparse) == nil && vector.Sparse != nil:
			if diff := cmp.Diff(append([]uint32{}, sparse.Indices...), append([]uint32{}, vector.Sparse.Indices...)); diff != "" {
				t.Errorf("point %s vector %q: %s", id, name, diff)
			}
			near(t, id, name, vector.Sparse.Values, sparse.Values, false)
		default:
			t.Errorf("point %s vector %q is missing", id, name)
		}
	}
}

func near(t *testing.T, id folder.ID, name string, got, want []float64, cosine bool) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("point %s vector %q: %v, expected %v", id, name, got, want)
	}
	if cosine && math.Abs(norm(want)-1) < 1e-5 {
		got, want = unit(got), unit(want)
	}
	for i := range got {
		if math.Abs(got[i]-want[i]) > 1e-6 {
			t.Fatalf("point %s vector %q: %v, expected %v", id, name, got, want)
		}
	}
}

func norm(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x * x
	}
	return math.Sqrt(sum)
}

func unit(v []float64) []float64 {
	length, scaled := norm(v), make([]float64, len(v))
	for i := range v {
		scaled[i] = v[i] / length
	}
	return scaled
}
