package limits

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRetryAfterInAllForms(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, value string
		want        time.Duration
	}{
		{"Retry-After", "7", 7 * time.Second},
		{"Retry-After", "0.5", 500 * time.Millisecond},
		{"Retry-After", "Sun, 01 Mar 2026 12:00:20 GMT", 20 * time.Second},
		{"Retry-After", "Sun, 01 Mar 2026 11:00:00 GMT", 0},
		{"Retry-After", "86400", time.Minute},
		{"Retry-After", "1e300", time.Minute},
		{"Retry-After", "-3", 0},
		{"Retry-After", "soon", 0},
		{"retry-after-ms", "250", 250 * time.Millisecond},
	} {
		h := http.Header{}
		h.Set(c.name, c.value)
		if got := ReadHeaders(h, now).RetryAfter; got != c.want {
			t.Errorf("%s: %s gives %v, want %v", c.name, c.value, got, c.want)
		}
	}
}

func TestLimitsFromHeaders(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	read := func(limit, remaining, reset string) Hints {
		h := http.Header{}
		h.Set("x-ratelimit-limit-requests", limit)
		h.Set("x-ratelimit-remaining-requests", remaining)
		h.Set("x-ratelimit-reset-requests", reset)
		return ReadHeaders(h, now)
	}
	for _, c := range []struct {
		limit, remaining, reset string
		rate                    float64
		spent                   time.Duration
	}{
		{"1800", "1799", "33ms", 30, 0},
		{"1800", "0", "60s", 30, 0},
		{"600", "10", "12.5", 10, 0},
		{"200", "199", "7m12s", 0, 0},           // a day's
		{"200", "0", "23h0m0s", 0, time.Minute}, // a day's, spent: capped
		{"200", "0", "2026-03-01T12:02:00Z", 0, time.Minute},
		{"many", "1", "1s", 0, 0},
		{"", "", "", 0, 0},
	} {
		h := read(c.limit, c.remaining, c.reset)
		if got := []any{h.Requests.perSecond(), h.spentFor()}; !cmp.Equal(got, []any{c.rate, c.spent}) {
			t.Errorf("limit %s remaining %s reset %s gives %v, want %v %v", c.limit, c.remaining, c.reset, got, c.rate, c.spent)
		}
	}
}
