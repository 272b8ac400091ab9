package schedule

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"qgen-sidecar/dispatcher/limits"
)

// EndpointStatus is one endpoint's line in `status`.
type EndpointStatus struct {
	Name        string  `json:"name" doc:"name of the endpoint"`
	State       string  `json:"state" enum:"EndpointState" doc:"ready, cooling (it failed often and is asked again soon) or dead (its key was refused)"` // ready | cooling | dead
	InFlight    int     `json:"in_flight" doc:"calls that it works on"`
	Queued      int     `json:"queued" doc:"calls that wait and may go to it"`
	RPMUsed     int     `json:"rpm_used" doc:"requests of the last minute"`
	RPMLimit    int     `json:"rpm_limit" doc:"requests a minute, configured or found; 0: not known"` // 0: not known; of several models', the highest
	TPMUsed     int     `json:"tpm_used" doc:"tokens of the last minute"`
	TPMLimit    int     `json:"tpm_limit" doc:"tokens a minute, configured or found; 0: not known"`
	OK          int     `json:"ok" doc:"calls that it answered"`
	Failed      int     `json:"failed" doc:"calls that failed there"`
	RateLimited int     `json:"rate_limited" doc:"calls that it refused for its limits"`
	P50MS       float64 `json:"p50_ms" doc:"milliseconds of a call, half took less"`
	P95MS       float64 `json:"p95_ms" doc:"milliseconds of a call, 95 in 100 took less"`
	LastError   string  `json:"last_error,omitempty" doc:"its last fault"`
}

// Waiting is what one job has in the queue.
type Waiting struct {
	Job      string  `json:"job" doc:"the call that they belong to"`
	Priority string  `json:"priority" enum:"Priority" doc:"class in which they wait"` // interactive | suggesting | batch
	Calls    int     `json:"calls" doc:"model calls that wait"`
	OldestS  float64 `json:"oldest_s" doc:"seconds that the oldest has waited"` // how long the first has waited
	Why      string  `json:"why" doc:"what they wait for"`                      // of the first, endpoint by endpoint
}

// EndpointFailure says what one endpoint answered last.
type EndpointFailure struct {
	Name      string   `json:"name" doc:"name of the endpoint"`
	State     string   `json:"state" enum:"EndpointState" doc:"ready, cooling or dead"`
	LastError string   `json:"last_error" doc:"what it answered last"`
	RetryInS  *float64 `json:"retry_in_s" doc:"seconds until it is asked again; null: not by itself, e.g. its key was refused"`
}

// Status is a snapshot, in the order of the config.
func (s *Scheduler) Status() []EndpointStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, queued := time.Now(), s.queued()
	out := make([]EndpointStatus, len(s.endpoints))
	for i, e := range s.endpoints {
		out[i] = EndpointStatus{
			Name: e.Name, State: e.state(now), InFlight: e.inFlight.Len(), Queued: queued[e],
			OK: e.answered, Failed: e.failed, RateLimited: e.limited,
			P50MS: milliseconds(e.quantile(0.5)), P95MS: milliseconds(e.quantile(0.95)), LastError: e.lastError,
		}
		u := e.limits.Use(now)
		out[i].RPMUsed, out[i].RPMLimit, out[i].TPMUsed, out[i].TPMLimit = u.Requests, u.RequestLimit, u.Tokens, u.TokenLimit
		if e.dead != "" {
			out[i].LastError = e.dead
		}
	}
	return out
}

// Queue says what waits and why: a line for each job in each class, the most
// urgent class first, empty when every call has its place.
func (s *Scheduler) Queue() []Waiting {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Waiting
	now := time.Now()
	for p := range s.classes {
		from := len(out)
		first := map[string]*Want{}
		for at := s.classes[p].turns.Front(); at != nil; at = at.Next() {
			calls := at.Value.(*flow).calls
			w := calls.Front().Value.(*Want)
			i := slices.IndexFunc(out[from:], func(q Waiting) bool { return q.Job == w.job })
			if i < 0 {
				i = len(out) - from
				out = append(out, Waiting{Job: w.job, Priority: priorityNames[p]})
			}
			q := &out[from+i]
			q.Calls += calls.Len()
			if f := first[w.job]; f == nil || w.since.Before(f.since) {
				first[w.job] = w
				q.OldestS, q.Why = seconds(now.Sub(w.since)), w.why(now)
			}
		}
	}
	return out
}

// why says for each endpoint what keeps the call from it.
func (w *Want) why(now time.Time) string {
	reasons := make([]string, len(w.Eligible))
	for i, e := range w.Eligible {
		reasons[i] = e.Name + ": " + e.keeps(e.lane.limits, w.tries[i], now)
	}
	return strings.Join(reasons, "; ")
}

// keeps is what keeps a call of the model from the endpoint, which has failed it so
// often.
func (e *Endpoint) keeps(m *limits.Model, tries int, now time.Time) string {
	switch {
	case e.dead != "":
		return "dead"
	case tries >= MaxTries:
		return "has failed this call"
	case e.cooling(now):
		return fmt.Sprintf("down, asked again in %.1f s", e.coolUntil.Sub(now).Seconds())
	}
	if why := m.Why(now); why != "" {
		return why
	}
	if e.inFlight.Len() >= e.room() {
		return fmt.Sprintf("%d calls in flight, no place free", e.inFlight.Len())
	}
	return "others are before it"
}

func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*1000) / 1000 }

// queued counts the waiting calls that each endpoint could take.
func (s *Scheduler) queued() map[*Endpoint]int {
	out := map[*Endpoint]int{}
	for i := range s.classes {
		for _, f := range s.classes[i].flows {
			for at := f.calls.Front(); at != nil; at = at.Next() {
				for _, e := range at.Value.(*Want).Eligible {
					out[e.Endpoint]++
				}
			}
		}
	}
	return out
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Failures describes the eligible endpoints of a call that nobody answered; own are
// the call's own messages, by endpoint, where it has any.
func (s *Scheduler) Failures(w *Want, own []string) []EndpointFailure {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	out := make([]EndpointFailure, len(w.Eligible))
	for i, e := range w.Eligible {
		message := e.lastError
		if len(own) > 0 && own[i] != "" {
			message = own[i]
		}
		if e.dead != "" {
			message = e.dead
		}
		out[i] = EndpointFailure{Name: e.Name, State: e.state(now), LastError: message, RetryInS: e.retryIn(now)}
	}
	return out
}

// Held is what calls hold: all of it zero when none is under way and what they owe
// is paid.
type Held struct {
	Waiting, Flows, InFlight int
	Owed                     time.Duration // until tokens are earned, at the most indebted limit
}

// Held sums up what is held now.
func (s *Scheduler) Held() (h Held) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h.Waiting = s.waiting
	for i := range s.classes {
		h.Flows += len(s.classes[i].flows)
	}
	for _, e := range s.endpoints {
		under, owed := e.limits.Held(time.Now())
		h.InFlight, h.Owed = h.InFlight+e.inFlight.Len()+under, max(h.Owed, owed)
		for _, l := range e.lanes {
			h.InFlight += l.inFlight.Len()
		}
	}
	return h
}
