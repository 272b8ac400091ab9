package limits

import "time"

// bucket is a rate limit without calendar minutes: the generic cell rate
// algorithm (ITU-T I.371), with which a full bucket leaks evenly. next is the
// time at which everything taken so far has been paid for; taking is allowed
// from slack before it. A rate of 0 does not limit.
type bucket struct {
	perSecond float64
	burst     time.Duration // what may be taken at once, as the time in which it is earned
	next      time.Time
}

// Limits for a minute are enforced over a second or more (OpenAI: "may be
// enforced as 1,000 requests/second"), so nine tenths of a second's share may go
// at once until refusals prove the opposite. slackMin lets late timers catch up.
const (
	burstMax = 900 * time.Millisecond
	burstMin = 10 * time.Millisecond
	slackMin = 5 * time.Millisecond
)

func newBucket(perMinute int) bucket {
	return bucket{perSecond: float64(perMinute) / 60, burst: burstMax}
}

// slack is what the next taking may be ahead of its time.
func (b *bucket) slack() time.Duration { return max(slackMin, b.burst-b.cost(1)) }

// steady: no burst is left to give up.
func (b *bucket) steady() bool { return b.burst-b.cost(1) <= slackMin }

// empty takes away what was saved up: the next taking is allowed at a time.
func (b *bucket) empty(until time.Time) {
	if at := until.Add(b.slack()); b.perSecond > 0 && at.After(b.next) {
		b.next = at
	}
}

// cost is how long n units take to be earned.
func (b *bucket) cost(n float64) time.Duration {
	if b.perSecond == 0 {
		return 0
	}
	return time.Duration(n / b.perSecond * float64(time.Second))
}

// readyAt is when the next taking is allowed, whatever its size: what is larger
// than the bucket is paid for afterwards, so that it is never refused for ever.
func (b *bucket) readyAt() time.Time { return b.next.Add(-b.slack()) }

func (b *bucket) take(now time.Time, n float64) {
	if b.perSecond == 0 {
		return
	}
	if b.next.Before(now) {
		b.next = now
	}
	b.next = b.next.Add(b.cost(n))
}

// refund gives back what was reserved too much; a negative n takes more.
func (b *bucket) refund(n float64) { b.next = b.next.Add(-b.cost(n)) }

// perMinute is the limit for status; 0: not known.
func (b *bucket) perMinute() int { return int(b.perSecond*60 + 0.5) }

// owes is how many units are still to be earned.
func (b *bucket) owes(now time.Time) float64 {
	return max(0, b.next.Sub(now).Seconds()*b.perSecond)
}
