package dispatcher

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func numbered(i int) key { return sha256.Sum256(fmt.Append(nil, i)) }

func open(t testing.TB, dir string, limit int64) *journal {
	t.Helper()
	j, err := openJournal(dir, limit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.close)
	return j
}

func keep(t testing.TB, j *journal, i int, payload string) {
	t.Helper()
	if err := j.put(numbered(i), []byte(payload)); err != nil {
		t.Fatal(err)
	}
}

func wantKept(t testing.TB, j *journal, i int, payload string) {
	t.Helper()
	if got, ok := j.get(numbered(i)); !ok || string(got) != payload {
		t.Errorf("record %d: %d bytes %.20q, %v; want %d bytes %.20q", i, len(got), got, ok, len(payload), payload)
	}
}

func TestJournalKeepsTheNewest(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, 1<<30)
	large := strings.Repeat("ä", scanWindow)
	for i, payload := range []string{"one", "", large, "four"} {
		keep(t, j, i, "older")
		keep(t, j, i, payload)
	}
	if _, ok := j.get(numbered(9)); ok {
		t.Error("a record that nobody wrote")
	}
	for _, j := range []*journal{j, open(t, dir, 1<<30)} {
		for i, payload := range []string{"one", "", large, "four"} {
			wantKept(t, j, i, payload)
		}
	}
}

func TestJournalsShareAFolder(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, dir, 1<<20), open(t, dir, 1<<20)
	payload := strings.Repeat("x", 8000)
	for i := range 60 { // 7 files of 64 kB
		keep(t, a, 2*i, payload)
		wantKept(t, b, 2*i, payload)
		keep(t, b, 2*i+1, payload)
		wantKept(t, a, 2*i+1, payload)
	}
	if n := len(a.files); n < 7 || n != len(b.files) {
		t.Errorf("%d and %d files", n, len(b.files))
	}
}

// What a killed process leaves, cut anywhere, costs that record alone; so does
// damage.
func TestHalfRecordsAreSkipped(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, 1<<20)
	keep(t, j, 0, "whole")
	name := j.files[0].file.Name()
	record, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for cut := 1; cut < len(record); cut++ {
		file, _ := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
		file.Write(record[:cut])
		file.Close()
		if cut%2 == 0 { // sometimes two in a row
			keep(t, j, cut, fmt.Sprint("after ", cut))
			wantKept(t, j, cut, fmt.Sprint("after ", cut))
		}
	}
	again := open(t, dir, 1<<20)
	wantKept(t, again, 0, "whole")
	for cut := 2; cut < len(record); cut += 2 {
		wantKept(t, again, cut, fmt.Sprint("after ", cut))
	}
	raw, _ := os.ReadFile(name)
	at := bytes.Index(raw, []byte("after 6"))
	raw[at] = 'A'
	os.WriteFile(name, raw, 0o600)
	if got, ok := again.get(numbered(6)); ok {
		t.Errorf("a damaged record is read as %q", got)
	}
	wantKept(t, again, 8, "after 8")
}

func TestJournalIsBoundedAndKeepsWhatIsAskedFor(t *testing.T) {
	dir := t.TempDir()
	j, other := open(t, dir, 1<<20), open(t, dir, 1<<20)
	keep(t, j, -1, "asked for")
	for i := range 1000 {
		keep(t, j, i, strings.Repeat("x", 5000))
		wantKept(t, j, -1, "asked for")
	}
	var total int64
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		info, _ := e.Info()
		total += info.Size()
	}
	if total > 1<<20 || total < 1<<19 {
		t.Errorf("%d bytes in %d files, of 1 MiB", total, len(entries))
	}
	wantKept(t, j, 999, strings.Repeat("x", 5000))
	wantKept(t, other, 999, strings.Repeat("x", 5000))
	if _, ok := other.get(numbered(1)); ok || len(j.index) > 250 || len(other.files) > len(entries) {
		t.Errorf("the oldest is still known, or held: %d in the index, %d files open of %d", len(j.index), len(other.files), len(entries))
	}
	if _, ok := open(t, dir, 64<<10).get(numbered(990)); !ok {
		t.Error("a smaller limit takes the newest")
	}
}

func TestAnEmptiedFolderIsFilledAnew(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "replies")
	j := open(t, dir, 1<<20)
	keep(t, j, 1, "gone")
	os.RemoveAll(dir)
	j.get(numbered(2)) // as before every call
	keep(t, j, 2, "kept")
	wantKept(t, j, 2, "kept")
	wantKept(t, open(t, dir, 1<<20), 2, "kept")
}

// journalChild writes records until it is killed, and says so of each.
func journalChild(dir string) {
	j, err := openJournal(dir, 1<<30)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := 0; ; i++ {
		number := os.Getpid()*1_000_000 + i
		if err := j.put(numbered(number), fmt.Append(nil, "reply ", number)); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(number)
	}
}

func TestManyProcessesKilledLoseNothing(t *testing.T) {
	dir := t.TempDir()
	var mu sync.Mutex
	var said []string
	var group sync.WaitGroup
	for range 4 {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "QGEN_JOURNAL_CHILD="+dir)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		group.Go(func() {
			var own []string
			lines := bufio.NewScanner(out)
			for lines.Scan() {
				own = append(own, lines.Text())
			}
			child.Wait()
			if len(own) > 0 && !strings.HasSuffix(own[len(own)-1], "\n") {
				own = own[:len(own)-1] // perhaps half a line
			}
			mu.Lock()
			said = append(said, own...)
			mu.Unlock()
		})
		time.AfterFunc(400*time.Millisecond, func() { child.Process.Kill() })
	}
	group.Wait()
	if len(said) < 1000 {
		t.Fatalf("only %d records", len(said))
	}
	j := open(t, dir, 1<<30)
	missing := 0
	for _, line := range said {
		var number int
		if _, err := fmt.Sscan(line, &number); err != nil {
			t.Fatalf("a child said %q", line)
		}
		if got, ok := j.get(numbered(number)); !ok || string(got) != "reply "+line {
			missing++
		}
	}
	if missing > 0 {
		t.Errorf("%d of %d acknowledged records are missing", missing, len(said))
	}
}

func FuzzJournalFile(f *testing.F) {
	dir := f.TempDir()
	j := open(f, dir, 1<<20)
	keep(f, j, 1, "one")
	keep(f, j, 2, "two")
	raw, _ := os.ReadFile(j.files[0].file.Name())
	f.Add(raw)
	f.Add(raw[:len(raw)-1])
	f.Add(append(raw[:60:60], raw...))
	f.Add([]byte{0xf7, 'q', 'g', 0xfb, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, raw []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "00000001"+segmentSuffix), raw, 0o600); err != nil {
			t.Fatal(err)
		}
		j := open(t, dir, 1<<20)
		j.get(numbered(1))
		keep(t, j, 3, "three")
		wantKept(t, j, 3, "three")
	})
}

// The journal of a full cache is read once, at the first call of a process.
func BenchmarkFirstRead(b *testing.B) {
	dir := b.TempDir()
	j := open(b, dir, 1<<30)
	payload := strings.Repeat("x", 1500)
	for i := range 60_000 { // about 90 MB
		keep(b, j, i, payload)
	}
	b.SetBytes(60_000 * int64(len(payload)+recordHead))
	for b.Loop() {
		j := open(b, dir, 1<<30)
		wantKept(b, j, 1, payload)
		j.close()
	}
}
