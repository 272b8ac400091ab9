package wire_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"qgen-sidecar/rpc/wire"
)

// slow is a sink that blocks until it is let go.
type slow struct {
	mu  sync.Mutex
	got bytes.Buffer
	let chan struct{}
}

func (s *slow) write(b []byte) error {
	if s.let != nil {
		<-s.let
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got.Write(b)
	return nil
}

func TestWriterOrder(t *testing.T) {
	s := &slow{}
	w := wire.NewWriter(s.write, false, 0, 0)
	defer w.Close()
	var want strings.Builder
	for i := range 100 {
		msg := strings.Repeat(string(rune('a'+i%26)), i*2000)
		want.WriteString(msg)
		if err := w.Write([]byte(msg)); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush(time.Minute)
	if s.got.String() != want.String() {
		t.Error("bytes were lost, doubled or reordered")
	}
}

func TestWriterPushesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{let: make(chan struct{})}
		w := wire.NewWriter(s.write, true, time.Hour, 10)
		written := 0
		go func() {
			for w.Write([]byte("0123456")) == nil {
				written++
			}
		}()
		synctest.Wait()
		if written != 2 {
			t.Errorf("%d messages of 7 bytes queued against a bound of 10, want 2", written)
		}
		if !w.Congested() {
			t.Error("a full queue is not called congested")
		}
		w.Close()
		close(s.let)
		synctest.Wait()
	})
}

func TestWriterStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{let: make(chan struct{})}
		w := wire.NewWriter(s.write, false, 30*time.Second, 0)
		begun := time.Now()
		if err := w.Write([]byte("{}")); err != nil {
			t.Fatal(err)
		}
		<-w.Dead()
		if took := time.Since(begun); took != 30*time.Second {
			t.Errorf("the stall was found after %s, want 30 s", took)
		}
		if !errors.Is(w.Err(), wire.ErrStalled) || !errors.Is(w.Write(nil), wire.ErrStalled) {
			t.Errorf("Err %v, want %v", w.Err(), wire.ErrStalled)
		}
		close(s.let)
	})
}

// A reader that takes a large message bit by bit makes progress.
func TestWriterSlowIsNotStalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{let: make(chan struct{})}
		w := wire.NewWriter(s.write, false, 30*time.Second, 0)
		if err := w.Write(bytes.Repeat([]byte("x"), 1<<20)); err != nil {
			t.Fatal(err)
		}
		for range 16 {
			time.Sleep(20 * time.Second)
			s.let <- struct{}{}
		}
		w.Flush(time.Second)
		if w.Err() != nil || s.got.Len() != 1<<20 {
			t.Errorf("err %v, %d bytes", w.Err(), s.got.Len())
		}
		w.Close()
	})
}

// Flush waits for a reader that is slow, and gives up on one that is silent.
func TestFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{let: make(chan struct{})}
		w := wire.NewWriter(s.write, false, time.Hour, 0)
		defer close(s.let)
		defer w.Close()
		if err := w.Write(bytes.Repeat([]byte("x"), 1<<20)); err != nil { // 16 pieces
			t.Fatal(err)
		}
		go func() {
			for range 10 {
				time.Sleep(400 * time.Millisecond)
				s.let <- struct{}{}
			}
		}()
		begun := time.Now()
		if w.Flush(500 * time.Millisecond) {
			t.Error("Flush says that everything was written")
		}
		if took := time.Since(begun); took != 4500*time.Millisecond {
			t.Errorf("gave up after %s, want 4.5 s: ten pieces, then half a second of silence", took)
		}
	})
}

func TestAwait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{let: make(chan struct{})}
		w := wire.NewWriter(s.write, true, time.Hour, 10)
		w.Await() // room
		_ = w.Write(make([]byte, 11))
		let := false
		go func() { w.Await(); let = true }()
		synctest.Wait()
		if let {
			t.Error("a full queue lets a reader on")
		}
		s.let <- struct{}{}
		if synctest.Wait(); !let {
			t.Error("an empty queue holds a reader up")
		}
		_ = w.Write(make([]byte, 11))
		w.Close()
		w.Await() // nobody waits for what is broken
		close(s.let)
	})
}

func TestPipeFraming(t *testing.T) {
	for in, want := range map[string]string{"{}\n": "{\"a\":1}\n", "Content-Length: 2\r\n\r\n{}": "Content-Length: 7\r\n\r\n{\"a\":1}"} {
		var out bytes.Buffer
		p := wire.NewPipe(strings.NewReader(in), &out, wire.PipeOptions{})
		if _, err := p.Read(); err != nil {
			t.Fatal(err)
		}
		if err := p.Write([]byte(`{"a":1}`)); err != nil {
			t.Fatal(err)
		}
		p.Flush(time.Minute)
		if out.String() != want {
			t.Errorf("answered %q with %q, want %q", in, out.String(), want)
		}
		p.Close()
	}
}

func TestWriterBrokenPipe(t *testing.T) {
	r, out := io.Pipe()
	r.Close()
	p := wire.NewPipe(strings.NewReader(""), out, wire.PipeOptions{})
	_ = p.Write([]byte("{}"))
	<-p.Dead()
	if p.Err() == nil {
		t.Error("no error after a failed write")
	}
}
