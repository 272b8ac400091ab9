package llmtest

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Hints are what a limited server's headers tell. Without any, both.
type Hints string

const (
	RateHeaders Hints = "ratelimit"   // x-ratelimit-*, on every reply
	RetryAfter  Hints = "retry-after" // on 429s
	NoHints     Hints = "none"
)

// limiter is one token bucket per key. A nil limiter lets everything through.
type limiter struct {
	rate, burst float64 // requests per second, requests
	told        []Hints
	mu          sync.Mutex
	buckets     map[string]*bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

func newLimiter(rpm, burst int, told ...Hints) *limiter {
	if rpm <= 0 {
		return nil
	}
	if len(told) == 0 {
		told = []Hints{RateHeaders, RetryAfter}
	}
	return &limiter{told: told, rate: float64(rpm) / 60, burst: float64(max(1, burst)), buckets: map[string]*bucket{}}
}

// take spends one request of the key and says what the headers should tell.
func (l *limiter) take(key string) (headers map[string]string, ok bool) {
	if l == nil {
		return nil, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	b := l.buckets[key]
	if b == nil {
		b = &bucket{tokens: l.burst, at: now}
		l.buckets[key] = b
	}
	b.tokens = min(l.burst, b.tokens+now.Sub(b.at).Seconds()*l.rate)
	b.at = now
	if ok = b.tokens >= 1; ok {
		b.tokens--
	}
	return l.headers(b.tokens, ok), ok
}

func (l *limiter) headers(tokens float64, ok bool) map[string]string {
	h := map[string]string{}
	if slices.Contains(l.told, RateHeaders) {
		limit := int(math.Round(l.rate * 60))
		remaining := max(0, limit-int(math.Ceil(l.burst-tokens)))
		if !ok {
			remaining = 0
		}
		h["x-ratelimit-limit-requests"] = strconv.Itoa(limit)
		h["x-ratelimit-remaining-requests"] = strconv.Itoa(remaining)
		h["x-ratelimit-reset-requests"] = fmt.Sprintf("%.3fs", (l.burst-tokens)/l.rate)
	}
	if !ok && slices.Contains(l.told, RetryAfter) {
		wait := (1 - tokens) / l.rate
		h["retry-after-ms"] = strconv.Itoa(int(math.Ceil(wait * 1000)))
		h["Retry-After"] = strconv.Itoa(int(math.Ceil(wait)))
	}
	return h
}
