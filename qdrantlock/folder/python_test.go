package folder_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/qdrantlock/folder"
)

// pythonVariable names a Python that has qdrant_client.
const pythonVariable = "QGEN_TEST_PYTHON"

// python prepares a script for a Python that has qdrant_client; the test is
// skipped where there is none. The script's arguments follow it.
func python(t *testing.T, script string, args ...string) *exec.Cmd {
	t.Helper()
	exe := os.Getenv(pythonVariable)
	if exe == "" {
		t.Skipf("%s is not set: set it to a Python with qdrant-client to test against the client itself", pythonVariable)
	}
	if out, err := exec.Command(exe, "-c", "import qdrant_client").CombinedOutput(); err != nil {
		t.Skipf("%s has no qdrant_client: %s", pythonVariable, out)
	}
	cmd := exec.Command(exe, append([]string{"-W", "ignore", "-c", prelude + script}, args...)...)
	cmd.Stderr = &bytes.Buffer{}
	return cmd
}

// run gives what the script prints, as JSON.
func run(t *testing.T, script string, args ...string) any {
	t.Helper()
	cmd := python(t, script, args...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, cmd.Stderr)
	}
	d := json.NewDecoder(bytes.NewReader(out))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return typed(v)
}

const prelude = `
import base64, json, pickle, sqlite3, sys
from datetime import *
from uuid import UUID
from qdrant_client import QdrantClient, models
from qdrant_client.local.local_collection import to_jsonable_python
def vectors(v):
    if v is None: return {}
    if not isinstance(v, dict): v = {"": v}
    return {k: x.model_dump() if hasattr(x, "model_dump") else x for k, x in v.items()}
def dump(client, name):
    points, _ = client.scroll(name, limit=1000, with_vectors=True)
    return [{"id": p.id, "payload": p.payload, "vectors": vectors(p.vector)} for p in points]
def keys(path, name):
    con = sqlite3.connect(f"{path}/collection/{name}/storage.sqlite")
    return [k == base64.b64encode(pickle.dumps(pickle.loads(p).id, protocol=4)).decode() for k, p in con.execute("select id, point from points")]
def show(v): print(json.dumps(v))
`

// shown is a point as the scripts above print it.
func shown(p folder.Point) map[string]any {
	id := any(p.ID.UUID)
	if p.ID.UUID == "" {
		id = int64(p.ID.Num)
		if p.ID.Num > math.MaxInt64 {
			id = float64(p.ID.Num)
		}
	}
	vectors := map[string]any{}
	for name, v := range p.Vectors {
		switch {
		case v.Sparse != nil:
			indices := []any{}
			for _, i := range v.Sparse.Indices {
				indices = append(indices, int64(i))
			}
			vectors[name] = map[string]any{"indices": indices, "values": list(v.Sparse.Values)}
		case v.Multi != nil:
			rows := []any{}
			for _, row := range v.Multi {
				rows = append(rows, list(row))
			}
			vectors[name] = rows
		default:
			vectors[name] = list(v.Dense)
		}
	}
	return map[string]any{"id": id, "payload": p.Payload, "vectors": vectors}
}

func list(numbers []float64) []any {
	items := []any{}
	for _, n := range numbers {
		items = append(items, n)
	}
	return items
}

// finite are the rich points without infinities, which JSON has no words for.
func finite() []folder.Point {
	points := richPoints()
	points[1].Vectors["small"].Dense[1] = 2
	delete(points[1].Payload, "nan")
	return points
}

func TestTheClientReadsWhatIsWrittenHere(t *testing.T) {
	path := emptyStore(t)
	f := open(t, path)
	c := create(t, f, "all kinds", rich())
	if err := c.Write(ctx, folder.Batch{Put: finite()}); err != nil {
		t.Fatal(err)
	}
	single := create(t, f, "single", unnamed(3))
	if err := single.Write(ctx, folder.Batch{Put: []folder.Point{point(5, 1, 2, 3)}}); err != nil {
		t.Fatal(err)
	}
	if err := f.SetAliases(map[string]string{"other ✓": "single"}); err != nil {
		t.Fatal(err)
	}
	f.Close()

	got := run(t, `
path = sys.argv[1]
client = QdrantClient(path=path)
show([dump(client, "all kinds"), dump(client, "other ✓"), all(keys(path, "all kinds"))])`, path)
	want := []any{}
	for _, p := range finite() {
		want = append(want, shown(p))
	}
	if diff := cmp.Diff([]any{want, []any{shown(point(5, 1, 2, 3))}, true}, got); diff != "" {
		t.Errorf("(-written +client):\n%s", diff)
	}
}

// Both edit each other's rows; nobody makes a second row of a point.
func TestEditsInTurnsMakeNoDuplicates(t *testing.T) {
	path := emptyStore(t)
	run(t, `
client = QdrantClient(path=sys.argv[1])
client.create_collection("c", vectors_config=models.VectorParams(size=2, distance="Dot"), metadata={"by": "client"})
ids = [0, 255, 256, 65536, 2**31, 2**40, 2**64-1, "AAAAAAAA-aaaa-4aaa-8aaa-aaaaaaaaaaaa"]
client.upsert("c", [models.PointStruct(id=i, vector=[1, 2], payload={"a": 1, "day": date(2024, 1, 2)}) for i in ids])
show(None)`, path)

	f := open(t, path)
	c := collection(t, f, "c")
	ids, err := c.IDs(ctx)
	if err != nil || len(ids) != 8 {
		t.Fatalf("%v, %v", ids, err)
	}
	points, err := c.Get(ctx, ids)
	if err != nil {
		t.Fatal(err)
	}
	for i := range points {
		points[i].Payload["b"] = int64(2)
	}
	if err := c.Write(ctx, folder.Batch{Put: points}); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if n := countRows(t, path, "c"); n != 8 {
		t.Errorf("after our edit there are %d rows, expected 8", n)
	}

	got := run(t, `
path = sys.argv[1]
client = QdrantClient(path=path)
client.set_payload("c", {"c": 3}, points=models.Filter())
client.delete("c", [256])
show([[p["payload"] for p in dump(client, "c")], all(keys(path, "c"))])`, path)
	payload := map[string]any{"a": int64(1), "day": "2024-01-02", "b": int64(2), "c": int64(3)}
	want := []any{[]any{payload, payload, payload, payload, payload, payload, payload}, true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-expected +client):\n%s", diff)
	}
	if n := countRows(t, path, "c"); n != 7 {
		t.Errorf("after the client's edit there are %d rows, expected 7", n)
	}
	for _, p := range scan(t, collection(t, open(t, path), "c")) {
		if diff := cmp.Diff(payload, p.Payload); diff != "" {
			t.Errorf("(-client +here):\n%s", diff)
		}
	}
}

// Rows of clients before 1.20 hold Python objects in their payload.
func TestPythonObjectsReadAsACurrentClientConvertsThem(t *testing.T) {
	path := emptyStore(t)
	f := open(t, path)
	create(t, f, "c", unnamed(1))
	f.Close()
	want := run(t, `
path = sys.argv[1]
payload = {
  "utc": datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=timezone.utc), "naive": datetime(1, 1, 1), "fold": datetime(2024, 12, 31, 23, 59, 59, 999999, fold=1),
  "east": datetime(2024, 1, 2, tzinfo=timezone(timedelta(hours=2))), "west": datetime(2024, 1, 2, tzinfo=timezone(timedelta(hours=-5, minutes=-30), "W")),
  "day": date(9999, 12, 31), "uuid": UUID(int=7), "tuples": ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)),
  "spans": [timedelta(0), timedelta(days=1), timedelta(days=400, seconds=3661, microseconds=500), timedelta(days=-1, seconds=5), timedelta(microseconds=100000)],
  "set": {5}, "bytes": b"abc", "ints": [-1, 2**31, -2**31, 2**62, -2**63], 1: "int key", None: "null key", True: "true key",
  "shared": [[shared := ["x"]], shared], "floats": [0.5] * 1001, "mixed": [0.5, 1], "words": ["w"] * 2500,
}
point = models.PointStruct.model_construct(id=1, vector=[1.0], payload=payload)
con = sqlite3.connect(f"{path}/collection/c/storage.sqlite")
for protocol in (4, 5):
    con.execute("insert into points values (?, ?)", (str(protocol), pickle.dumps(point, protocol=protocol)))
con.commit()
show(to_jsonable_python(payload))`, path)
	c := collection(t, open(t, path), "c")
	got := scan(t, c)
	if len(c.BadRows()) > 0 {
		t.Fatal(c.BadRows())
	}
	if diff := cmp.Diff(want, any(got[num(1)].Payload)); diff != "" {
		t.Errorf("(-client +here):\n%s", diff)
	}
}

func TestTheLockExcludesTheClientBothWays(t *testing.T) {
	path := copyFixture(t, "v1_20")
	holder := python(t, `
client = QdrantClient(path=sys.argv[1])
print("held", flush=True)
sys.stdin.read()`, path)
	in, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := holder.StdoutPipe()
	if err = errors.Join(err, holder.Start()); err != nil {
		t.Fatal(err)
	}
	defer holder.Wait()
	defer in.Close()
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		t.Fatalf("%q, %v: %s", line, err, holder.Stderr)
	}
	_, err = folder.Open(path, nil)
	var locked *folder.LockedError
	if !errors.As(err, &locked) || locked.HolderPID != 0 && locked.HolderPID != holder.Process.Pid {
		t.Fatalf("expected a LockedError for process %d, got %v", holder.Process.Pid, err)
	}
	in.Close()
	io.Copy(io.Discard, out)
	holder.Wait()
	open(t, path)
	got := run(t, refused, path)
	if text, _ := got.(string); !strings.Contains(text, "already accessed by another instance") {
		t.Errorf("the client says %v", got)
	}
}

const refused = `
try: QdrantClient(path=sys.argv[1]); show("opened")
except Exception as e: show(str(e))`

// A client that tries a held folder reads all of it before it gives up, and has
// SQLite's shared lock meanwhile: our commits wait for it.
func TestWritesSucceedWhileAClientTriesToOpen(t *testing.T) {
	path := emptyStore(t)
	c := create(t, open(t, path), "c", unnamed(2))
	for n := range uint64(3) {
		batch := folder.Batch{}
		for i := range uint64(1000) {
			batch.Put = append(batch.Put, point(n*1000+i, 1, 2))
		}
		if err := c.Write(ctx, batch); err != nil {
			t.Fatal(err)
		}
	}
	cmd := python(t, refused, path)
	out := &bytes.Buffer{}
	cmd.Stdout = out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for n := uint64(0); ; n++ {
		if err := c.Write(ctx, folder.Batch{Put: []folder.Point{point(n%3000, 3, 4)}}); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-ended:
			if err != nil || !strings.Contains(out.String(), "already accessed") {
				t.Errorf("the client says %s, %v: %s", out, err, cmd.Stderr)
			}
			return
		default:
		}
	}
}

// What the client makes of a folder that was updated here: it opens.
func TestTheClientOpensUpdatedFixtures(t *testing.T) {
	path := copyFixture(t, "v1_20")
	f := open(t, path)
	c := collection(t, f, "named ✓")
	cfg := c.Config()
	cfg.Metadata = map[string]any{"owner": "ünï"}
	cfg.Vectors["extra"] = folder.VectorParams{Size: 2, Distance: "Dot", Multi: true, Extra: map[string]any{"on_disk": true}}
	if err := f.UpdateCollection("named ✓", cfg); err != nil {
		t.Fatal(err)
	}
	if _, err := f.DeleteCollection("plain"); err != nil {
		t.Fatal(err)
	}
	f.Close()
	got := run(t, `
client = QdrantClient(path=sys.argv[1])
config = client.get_collection("named ✓").config
show([len(client.get_collections().collections), config.metadata, config.params.vectors["extra"].on_disk, len(dump(client, "named ✓"))])`, path)
	if diff := cmp.Diff([]any{int64(4), any(map[string]any{"owner": "ünï"}), true, int64(8)}, got); diff != "" {
		t.Error(diff)
	}
	if _, err := os.Stat(filepath.Join(path, "collection", "plain")); !os.IsNotExist(err) {
		t.Errorf("the deleted collection's directory is back: %v", err)
	}
}
