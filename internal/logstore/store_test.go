package logstore

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

func numbered(i int) Key { return sha256.Sum256(fmt.Append(nil, i)) }

func openStore(t testing.TB, dir string, limit int64) *Store {
	t.Helper()
	s, err := Open(dir, limit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func keep(t testing.TB, s *Store, i int, payload string) {
	t.Helper()
	if err := s.Put(numbered(i), []byte(payload)); err != nil {
		t.Fatal(err)
	}
}

func wantKept(t testing.TB, s *Store, i int, payload string) {
	t.Helper()
	if got, ok := s.Get(numbered(i)); !ok || string(got) != payload {
		t.Errorf("record %d: %d bytes %.20q, %v; want %d bytes %.20q", i, len(got), got, ok, len(payload), payload)
	}
}

func TestTheNewestIsKept(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, 1<<30)
	large := strings.Repeat("ä", window)
	for i, payload := range []string{"one", "", large, "four"} {
		keep(t, s, i, "older")
		keep(t, s, i, payload)
	}
	if _, ok := s.Get(numbered(9)); ok {
		t.Error("a record that nobody wrote")
	}
	for _, s := range []*Store{s, openStore(t, dir, 1<<30)} {
		for i, payload := range []string{"one", "", large, "four"} {
			wantKept(t, s, i, payload)
		}
	}
}

func TestStoresShareAFolder(t *testing.T) {
	dir := t.TempDir()
	a, b := openStore(t, dir, 1<<20), openStore(t, dir, 1<<20)
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
	s := openStore(t, dir, 1<<20)
	keep(t, s, 0, "whole")
	name := s.files[0].Name()
	record, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for cut := 1; cut < len(record); cut++ {
		file, _ := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
		file.Write(record[:cut])
		file.Close()
		if cut%2 == 0 { // sometimes two in a row
			keep(t, s, cut, fmt.Sprint("after ", cut))
			wantKept(t, s, cut, fmt.Sprint("after ", cut))
		}
	}
	again := openStore(t, dir, 1<<20)
	wantKept(t, again, 0, "whole")
	for cut := 2; cut < len(record); cut += 2 {
		wantKept(t, again, cut, fmt.Sprint("after ", cut))
	}
	raw, _ := os.ReadFile(name)
	at := bytes.Index(raw, []byte("after 6"))
	raw[at] = 'A'
	os.WriteFile(name, raw, 0o600)
	if got, ok := again.Get(numbered(6)); ok {
		t.Errorf("a damaged record is read as %q", got)
	}
	wantKept(t, again, 8, "after 8")
}

func TestTheFolderIsBoundedAndKeepsWhatIsAskedFor(t *testing.T) {
	dir := t.TempDir()
	s, other := openStore(t, dir, 1<<20), openStore(t, dir, 1<<20)
	keep(t, s, -1, "asked for")
	for i := range 1000 {
		keep(t, s, i, strings.Repeat("x", 5000))
		wantKept(t, s, -1, "asked for")
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
	wantKept(t, s, 999, strings.Repeat("x", 5000))
	wantKept(t, other, 999, strings.Repeat("x", 5000))
	if _, ok := other.Get(numbered(1)); ok || len(s.index) > 250 || len(other.files) > len(entries) {
		t.Errorf("the oldest is still known, or held: %d in the index, %d files open of %d", len(s.index), len(other.files), len(entries))
	}
	if _, ok := openStore(t, dir, 64<<10).Get(numbered(990)); !ok {
		t.Error("a smaller limit takes the newest")
	}
}

func TestAnEmptiedFolderIsFilledAnew(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "replies")
	s := openStore(t, dir, 1<<20)
	keep(t, s, 1, "gone")
	os.RemoveAll(dir)
	s.followed = time.Time{} // a little later
	s.Get(numbered(2))       // as before every call
	keep(t, s, 2, "kept")
	wantKept(t, s, 2, "kept")
	wantKept(t, openStore(t, dir, 1<<20), 2, "kept")
}

// child writes records until it is killed, and says so of each.
func child(dir string) {
	s, err := Open(dir, 1<<30)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := 0; ; i++ {
		number := os.Getpid()*1_000_000 + i
		if err := s.Put(numbered(number), fmt.Append(nil, "reply ", number)); err != nil {
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
		child.Env = append(os.Environ(), "QGEN_LOGSTORE_CHILD="+dir)
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
	s := openStore(t, dir, 1<<30)
	missing := 0
	for _, line := range said {
		var number int
		if _, err := fmt.Sscan(line, &number); err != nil {
			t.Fatalf("a child said %q", line)
		}
		if got, ok := s.Get(numbered(number)); !ok || string(got) != "reply "+line {
			missing++
		}
	}
	if missing > 0 {
		t.Errorf("%d of %d acknowledged records are missing", missing, len(said))
	}
}

func FuzzFile(f *testing.F) {
	dir := f.TempDir()
	s := openStore(f, dir, 1<<20)
	keep(f, s, 1, "one")
	keep(f, s, 2, "two")
	raw, _ := os.ReadFile(s.files[0].Name())
	f.Add(raw)
	f.Add(raw[:len(raw)-1])
	f.Add(append(raw[:60:60], raw...))
	f.Add([]byte{0xf7, 'q', 'g', 0xfb, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, raw []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "00000001"+suffix), raw, 0o600); err != nil {
			t.Fatal(err)
		}
		s := openStore(t, dir, 1<<20)
		s.Get(numbered(1))
		keep(t, s, 3, "three")
		wantKept(t, s, 3, "three")
	})
}

func TestOnlyUTF8IsTaken(t *testing.T) {
	s := openStore(t, t.TempDir(), 1<<20)
	if err := s.Put(numbered(1), []byte{0xf7, 'q', 'g', 0xfb}); err == nil {
		t.Error("bytes that begin a record were taken into one")
	}
}

// Opening leaves nothing behind: the first file is the first Put's.
func TestAnUnusedFolderStaysEmpty(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, 1<<20)
	s.Get(numbered(1))
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("%d files, error %v", len(entries), err)
	}
	other := openStore(t, dir, 1<<20)
	keep(t, other, 1, "first")
	wantKept(t, s, 1, "first")
}

// What keeping a record costs, beside a file for each.
func BenchmarkPut(b *testing.B) {
	payload := []byte(strings.Repeat("x", 300))
	b.Run("appended", func(b *testing.B) {
		s := openStore(b, b.TempDir(), 1<<30)
		for i := 0; b.Loop(); i++ {
			if err := s.Put(numbered(i), payload); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("a file each", func(b *testing.B) {
		dir := b.TempDir()
		for i := 0; b.Loop(); i++ {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%x", numbered(i))), payload, 0o600); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// A full folder is read once, at the first Get of a process.
func BenchmarkFirstRead(b *testing.B) {
	dir := b.TempDir()
	s := openStore(b, dir, 1<<30)
	payload := strings.Repeat("x", 1500)
	for i := range 60_000 { // about 90 MB
		keep(b, s, i, payload)
	}
	b.SetBytes(60_000 * int64(len(payload)+headSize))
	for b.Loop() {
		s := openStore(b, dir, 1<<30)
		wantKept(b, s, 1, payload)
		s.Close()
	}
}
