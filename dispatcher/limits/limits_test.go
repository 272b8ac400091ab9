package limits_test

import (
	"strings"
	"testing"
	"time"

	"qgen-sidecar/dispatcher/limits"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// drive sends a call whenever one is allowed, for a while, to a server that takes what
// allows says; each takes no time. It gives what was taken and what was refused.
func drive(m *limits.Model, from time.Time, for_ time.Duration, allows func(time.Time) (bool, limits.Hints)) (taken, refused int) {
	for now := from; now.Before(from.Add(for_)); now = now.Add(time.Millisecond) {
		if m.ReadyAt().After(now) || m.Full() {
			continue
		}
		call := m.Take(now, 10)
		ok, hints := allows(now)
		m.Settle(now, call, 10)
		if !ok {
			refused++
			m.Refused(now, now, hints, 0)
			continue
		}
		taken++
		m.Works()
		m.Answered(now)
		m.Told(now, call, hints, 0)
	}
	return taken, refused
}

func always(time.Time) (bool, limits.Hints) { return true, limits.Hints{} }

// atMost is a server that takes so many a second, evenly.
func atMost(perSecond float64) func(time.Time) (bool, limits.Hints) {
	left, last := 1.0, start
	return func(now time.Time) (bool, limits.Hints) {
		left, last = min(1, left+now.Sub(last).Seconds()*perSecond), now
		if left < 1 {
			return false, limits.Hints{RetryAfter: time.Duration((1 - left) / perSecond * float64(time.Second))}
		}
		left--
		return true, limits.Hints{}
	}
}

func TestAConfiguredLimitIsUsedUpAndNotCrossed(t *testing.T) {
	for name, c := range map[string]limits.Config{"requests": {RPM: 600}, "tokens": {TPM: 6000}} {
		taken, _ := drive(limits.New(c).Model("m"), start, time.Minute, always)
		if taken < 598 || taken > 612 { // nine tenths of a second's share may go at once
			t.Errorf("%s: %d calls in a minute of 600", name, taken)
		}
	}
}

func TestALimitThatNobodyTellsIsFound(t *testing.T) {
	e := limits.New(limits.Config{Name: "a"})
	m := e.Model("m")
	server := atMost(10)
	drive(m, start, 30*time.Second, server)
	taken, refused := drive(m, start.Add(30*time.Second), time.Minute, server)
	if taken < 500 || refused > 60 {
		t.Errorf("%d calls in a minute of 600, %d refused", taken, refused)
	}
	if u := e.Use(start.Add(90 * time.Second)); u.RequestLimit < 450 || u.RequestLimit > 700 {
		t.Errorf("the limit of 600 was found to be %d", u.RequestLimit)
	}
}

func TestWhatWasFoundIsRestored(t *testing.T) {
	config := limits.Config{Name: "a", Address: "http://a"}
	first := limits.New(config)
	drive(first.Model("m"), start, 30*time.Second, atMost(10))
	found := first.Findings()
	if len(found) != 1 || found[0].Model != "m" || found[0].RPM < 400 || found[0].RPM > 800 {
		t.Fatalf("found %+v", found)
	}
	for name, c := range map[string]limits.Config{"the same": config, "another name": {Name: "b", Address: "http://a"}, "another address": {Name: "a", Address: "http://b"}} {
		again := limits.New(c)
		again.Restore(found)
		taken, _ := drive(again.Model("m"), start, time.Second, always)
		if known := taken < 30; known != (name == "the same") {
			t.Errorf("%s: %d calls in the first second", name, taken)
		}
	}
}

// One 429 closes a model for as long as it says, and up to a minute; then one call
// decides whether others follow.
func TestARefusalClosesTheModelAlone(t *testing.T) {
	e := limits.New(limits.Config{})
	m, other := e.Model("m"), e.Model("other")
	call := m.Take(start, 1)
	other.Return(other.Take(start, 1))
	m.Settle(start, call, 0)
	if !m.Refused(start.Add(time.Second), start, limits.Hints{RetryAfter: time.Hour}, 0) {
		t.Error("the first refusal does not count")
	}
	now := start.Add(2 * time.Second)
	if m.Refused(now, start, limits.Hints{}, 0) {
		t.Error("a refusal of a call that was sent before the last one counts again")
	}
	if !m.Closed(now) || other.Closed(now) || e.Closed(now) || !strings.Contains(m.Why(now), "asked to wait 59.0 s more") {
		t.Errorf("closed: %v, the other %v, all %v; %q", m.Closed(now), other.Closed(now), e.Closed(now), m.Why(now))
	}
	now = start.Add(62 * time.Second)
	if m.Closed(now) || m.Full() {
		t.Error("closed for more than a minute")
	}
	m.Take(now, 1)
	if !m.Full() {
		t.Error("others may follow before the first call's end")
	}
	if m.Works(); m.Full() {
		t.Error("full although the endpoint works")
	}
}

func TestHeadersAreBelievedTheSecondTime(t *testing.T) {
	e := limits.New(limits.Config{})
	m := e.Model("m")
	told := limits.Hints{Requests: limits.Rate{Limit: 600, Remaining: 599, Reset: 100 * time.Millisecond}}
	for i, want := range []int{0, 600} {
		call := m.Take(start, 1)
		m.Settle(start, call, 1)
		m.Told(start, call, told, 0)
		if got := e.Use(start).RequestLimit; got != want {
			t.Errorf("after %d replies: a limit of %d, want %d", i+1, got, want)
		}
	}
	if h := (limits.Hints{Tokens: limits.Rate{Limit: 1}}).Credible(2); h.Tokens.Limit != 0 {
		t.Error("a limit that its own reply exceeds is believed")
	}
}

func TestNothingIsHeldAfterwards(t *testing.T) {
	e := limits.New(limits.Config{TPM: 600})
	m := e.Model("m")
	one, two := m.Take(start, 500), m.Take(start, 100)
	if n, owed := e.Held(start); n != 2 || owed != time.Minute {
		t.Errorf("%d calls under way, tokens of %v", n, owed)
	}
	if most, yes := m.TooLarge(m.Take(start, 751)); !yes || most != 600 {
		t.Errorf("751 tokens of %v a minute are not too many", most)
	}
	m.Settle(start, one, 0)
	m.Return(two)
	if n, _ := e.Held(start); n != 1 {
		t.Errorf("%d calls under way, want the one that was never given back", n)
	}
}
