package rpc

import (
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"qgen-sidecar/engine/api"
)

// newProgress collects what would be sent.
func newProgress(token string, notes *[]progressNote) *progress {
	return &progress{token: json.RawMessage(token), send: func(n progressNote) { *notes = append(*notes, n) }, busy: func() bool { return false }}
}

// 1,000 events in 2 s are at most 21 notifications, in order, the last one whole.
func TestProgressIsCoalesced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var notes []progressNote
		p := newProgress(`"p"`, &notes)
		for i := range 1000 {
			p.report(api.Progress{Stage: "read", Done: i + 1, Total: 1000})
			time.Sleep(2 * time.Millisecond)
		}
		p.last(nil)
		if len(notes) < 15 || len(notes) > 22 {
			t.Errorf("%d notifications in 2 s", len(notes))
		}
		if end := notes[len(notes)-1]; end.Done != 1000 || end.Total != 1000 || string(end.Token) != `"p"` || end.Stage != "read" {
			t.Errorf("the last one is %+v", end)
		}
		for i := 1; i < len(notes); i++ {
			if notes[i].Done < notes[i-1].Done {
				t.Errorf("%d after %d", notes[i].Done, notes[i-1].Done)
			}
		}
	})
}

// An event that came too soon after another is sent when its time has come,
// although no other follows.
func TestProgressTrailing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var notes []progressNote
		p := newProgress("1", &notes)
		p.report(api.Progress{Done: 1, Total: 9})
		p.report(api.Progress{Done: 2, Total: 9})
		time.Sleep(time.Second)
		synctest.Wait()
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(notes) != 2 || notes[1].Done != 2 {
			t.Errorf("got %+v", notes)
		}
	})
}

// While the way out is full nothing is queued; the last one always is.
func TestProgressBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var notes []progressNote
		p := newProgress("1", &notes)
		p.busy = func() bool { return true }
		p.report(api.Progress{Done: 1, Total: 9})
		time.Sleep(time.Second)
		synctest.Wait()
		p.last(nil)
		if len(notes) != 1 || notes[0].Done != 9 {
			t.Errorf("got %+v", notes)
		}
		time.Sleep(time.Second) // the timer must have been stopped
	})
}

func TestProgressLast(t *testing.T) {
	step := []api.Progress{{Stage: "read", Done: 3, Total: 10}}
	for _, c := range []struct {
		name   string
		events []api.Progress
		err    error
		count  int
		done   int
	}{
		{"stopped reporting early", step, nil, 2, 10},
		{"failed", step, errors.New("out of luck"), 2, 3},
		{"reported nothing", nil, nil, 1, 0},
		{"complete already", []api.Progress{{Done: 10, Total: 10}}, nil, 1, 10},
		{"more done than expected", []api.Progress{{Done: 12, Total: 10}}, nil, 2, 12},
	} {
		var notes []progressNote
		p := newProgress("7", &notes)
		for _, e := range c.events {
			p.report(e)
		}
		p.last(c.err)
		p.report(api.Progress{Done: 99, Total: 99}) // too late
		if len(notes) != c.count {
			t.Errorf("%s: %d notifications, want %d: %+v", c.name, len(notes), c.count, notes)
			continue
		}
		if end := notes[len(notes)-1]; end.Done != c.done || end.Total != c.done {
			t.Errorf("%s: the last one is %d of %d, want %d", c.name, end.Done, end.Total, c.done)
		}
	}
	var notes []progressNote
	p := newProgress("", &notes)
	p.token = nil
	p.report(step[0])
	p.last(nil)
	if done, total := p.state(); len(notes) != 0 || done != 3 || total != 10 {
		t.Errorf("without a token: %d notifications, state %d of %d", len(notes), done, total)
	}
}
