package limits

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Hints are what an endpoint's headers say about its limits, on good replies and
// on errors.
type Hints struct {
	RetryAfter time.Duration // 0: not said
	Requests   Rate
	Tokens     Rate
}

// Rate is one x-ratelimit triple. Limit 0: not said.
type Rate struct {
	Limit, Remaining int
	Reset            time.Duration // until all of it is back
}

// MaxRetryAfter caps what an endpoint may ask for: hours would park a call on
// a day's limit that another answer may lift.
const MaxRetryAfter = time.Minute

// ReadHeaders reads the headers of a reply that came now.
func ReadHeaders(h http.Header, now time.Time) Hints {
	return Hints{
		RetryAfter: readRetryAfter(h, now),
		Requests:   readRate(h, "Requests", now),
		Tokens:     readRate(h, "Tokens", now),
	}
}

// readRetryAfter understands retry-after-ms, and Retry-After in seconds (also
// with decimals) or as an HTTP date.
func readRetryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(first(h, "Retry-After-Ms"), 64); err == nil && ms > 0 {
		return capWait(ms / 1000)
	}
	value := strings.TrimSpace(first(h, "Retry-After"))
	if value == "" {
		return 0
	}
	if s, err := strconv.ParseFloat(value, 64); err == nil && s > 0 {
		return capWait(s)
	}
	if at, err := http.ParseTime(value); err == nil && at.After(now) {
		return min(at.Sub(now), MaxRetryAfter)
	}
	return 0
}

// first is Header.Get for a name in canonical form, which most replies lack:
// Get would put the name into that form each time.
func first(h http.Header, canonical string) string {
	if values := h[canonical]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// positive reads a number above 0; anything else is 0.
func positive(value string) int {
	if value == "" {
		return 0
	}
	n, _ := strconv.Atoi(value)
	return max(0, n)
}

func capWait(seconds float64) time.Duration {
	return time.Duration(min(seconds, MaxRetryAfter.Seconds()) * float64(time.Second))
}

func readRate(h http.Header, what string, now time.Time) Rate {
	limit := positive(first(h, "X-Ratelimit-Limit-"+what))
	if limit == 0 {
		return Rate{}
	}
	remaining, err := strconv.Atoi(first(h, "X-Ratelimit-Remaining-"+what))
	if err != nil {
		return Rate{}
	}
	return Rate{Limit: limit, Remaining: remaining, Reset: readReset(first(h, "X-Ratelimit-Reset-"+what), now)}
}

// readReset understands 6m0s and 1.2s, plain seconds, and dates of RFC 3339.
func readReset(value string, now time.Time) time.Duration {
	if d, err := time.ParseDuration(value); err == nil {
		return max(0, d)
	}
	if s, err := strconv.ParseFloat(value, 64); err == nil && s > 0 && s < 1e7 {
		return time.Duration(s * float64(time.Second))
	}
	if at, err := time.Parse(time.RFC3339, value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// perSecond is the rate that the triple describes, 0 when it tells none: limits
// are a minute's by custom, and one that takes longer than a minute to come
// back is a day's, which may be spent in an hour. A day's limit that is taken
// for a minute's is merely too high, and 429s correct that.
func (r Rate) perSecond() float64 {
	if r.Limit == 0 || r.Reset <= 0 || r.Reset > time.Minute {
		return 0
	}
	return float64(r.Limit) / 60
}

// Credible leaves out a limit of tokens that the very reply which tells it, and
// which used so many, exceeds.
func (h Hints) Credible(used int) Hints {
	if h.Tokens.Limit > 0 && h.Tokens.Limit < used {
		h.Tokens = Rate{}
	}
	return h
}

// spentFor is how long a limit that is no rate (a day's) says that nothing is
// left. A minute's limit says it too, but there Reset is the time until all of
// it is back, and the bucket knows better when the next request may go.
func (h Hints) spentFor() time.Duration {
	wait := time.Duration(0)
	for _, r := range []Rate{h.Requests, h.Tokens} {
		if r.Limit > 0 && r.Remaining <= 0 && r.perSecond() == 0 {
			wait = max(wait, min(r.Reset, MaxRetryAfter))
		}
	}
	return wait
}
