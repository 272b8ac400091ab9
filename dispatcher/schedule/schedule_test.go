package schedule_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"qgen-sidecar/dispatcher/limits"
	"qgen-sidecar/dispatcher/outcome"
	"qgen-sidecar/dispatcher/schedule"
)

func endpoint(name string, maxInFlight int) *schedule.Endpoint {
	return schedule.NewEndpoint(schedule.Config{Config: limits.Config{Name: name}, MaxInFlight: maxInFlight}, nil)
}

func wish(s *schedule.Scheduler, p schedule.Priority, names ...string) *schedule.Want {
	w := schedule.NewWant(s.Eligible(names, "m", false), p, "job", 10)
	s.Arrive(&w)
	return &w
}

// place takes one that is free at once.
func place(t *testing.T, s *schedule.Scheduler, w *schedule.Want) *schedule.Lease {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	l, err := s.Acquire(ctx, w, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func answered() *outcome.Outcome { return &outcome.Outcome{Sent: true} }

func failed() *outcome.Outcome { return &outcome.Outcome{Kind: outcome.Failed, Message: "HTTP 500"} }

func TestEqualsTakeTurns(t *testing.T) {
	s := schedule.New([]*schedule.Endpoint{endpoint("a", 4), endpoint("b", 4)}, func() {})
	for i, want := range []string{"a", "b", "a", "b"} {
		l := place(t, s, wish(s, schedule.Batch))
		if l.Name != want {
			t.Errorf("call %d went to %s, want %s", i, l.Name, want)
		}
		if changed := s.Release(l, answered()); changed != "" {
			t.Errorf("an answer changed the endpoint to %s", changed)
		}
	}
}

func TestABreakerOpensAndOneCallCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := schedule.New([]*schedule.Endpoint{endpoint("a", 4)}, func() {})
		defer s.Close()
		for i, want := range []string{"", "", schedule.Cooling} {
			if changed := s.Release(place(t, s, wish(s, schedule.Batch)), failed()); changed != want {
				t.Errorf("failure %d changed the endpoint to %q, want %q", i+1, changed, want)
			}
		}
		time.Sleep(2 * time.Second)
		probe := place(t, s, wish(s, schedule.Batch))
		if s.TryAcquire(wish(s, schedule.Batch), nil) != nil {
			t.Error("a second call goes along with the probe")
		}
		if changed := s.Release(probe, answered()); changed != schedule.Ready {
			t.Errorf("the probe's answer changed the endpoint to %q", changed)
		}
	})
}

// The death of the last endpoint lets those go that wait for it.
func TestADeadEndpointLetsItsCallsGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := schedule.New([]*schedule.Endpoint{endpoint("a", 1), endpoint("b", 1)}, func() {})
		defer s.Close()
		held := place(t, s, wish(s, schedule.Batch, "a"))
		ended := make(chan error)
		go func() {
			_, err := s.Acquire(t.Context(), wish(s, schedule.Batch, "a"), time.Now().Add(time.Hour))
			ended <- err
		}()
		synctest.Wait()
		if q := s.Queue(); len(q) != 1 || q[0].Calls != 1 || q[0].Why != "a: 1 calls in flight, no place free" {
			t.Errorf("the queue: %+v", q)
		}
		if changed := s.Release(held, &outcome.Outcome{Kind: outcome.Denied, Certain: true, Message: "HTTP 401"}); changed != schedule.Dead {
			t.Errorf("a refused key changed the endpoint to %q", changed)
		}
		if err := <-ended; !errors.Is(err, schedule.ErrHopeless) {
			t.Errorf("who waited got %v", err)
		}
		if l := place(t, s, wish(s, schedule.Batch)); l.Name != "b" {
			t.Errorf("the next call went to %s", l.Name)
		} else {
			s.Release(l, answered())
		}
		if held := s.Held(); held != (schedule.Held{}) {
			t.Errorf("held: %+v", held)
		}
	})
}

func TestACallGivesUpAtItsDeadlineOnlyWhereNothingIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := schedule.New([]*schedule.Endpoint{endpoint("a", 1)}, func() {})
		defer s.Close()
		l := place(t, s, wish(s, schedule.Batch))
		w := wish(s, schedule.Batch)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := s.Acquire(ctx, w, time.Now().Add(time.Second)); !errors.Is(err, context.DeadlineExceeded) || w.WasStuck() {
			t.Errorf("a call that waits for a place ended with %v", err)
		}
		w.Failed(0, 1)
		if _, err := s.Acquire(t.Context(), w, time.Now().Add(time.Second)); !errors.Is(err, schedule.ErrHopeless) || !w.WasStuck() {
			t.Errorf("a call that its only endpoint has failed ended with %v", err)
		}
		if hopeless, untried := s.Outlook(w); hopeless || untried {
			t.Errorf("after one failure: hopeless %v, untried %v", hopeless, untried)
		}
		w.Failed(0, schedule.MaxTries)
		if hopeless, _ := s.Outlook(w); !hopeless {
			t.Error("not hopeless after as many failures as there are tries")
		}
		s.Release(l, answered())
	})
}
