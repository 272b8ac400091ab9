package estimate

import (
	"slices"
	"unicode/utf8"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/program"
)

// What a dry run allows for what cannot be known:
//
// Six bytes of text make a token at the least (plain English makes four or
// five). At the most three do of ASCII (code), and one of anything else
// (scripts that a tokenizer was not made for).
//
// A reply has ReplyTokens at the most, or the role's max_tokens if that is less:
// a question, or a judge's score with its reason. A model that reasons before
// it replies writes more.
//
// At the most one call in resentOneIn is sent again, because its reply could not be
// read or its endpoint failed.
const (
	bytesPerToken      = 6
	ASCIIPerToken      = 3
	otherBytesPerToken = 1
	ReplyTokens        = 500
	resentOneIn        = 4
)

// Span is a number from the least to the most.
type Span [2]int

// Plus adds both ends.
func (s Span) Plus(t Span) Span { return Span{s[0] + t[0], s[1] + t[1]} }

// Tokens bounds the tokens of a prompt.
func Tokens(messages []program.Message) Span {
	ascii, other := 0, 0
	for _, m := range messages {
		for _, b := range []byte(m.Content) {
			if b < utf8.RuneSelf {
				ascii++
			} else {
				other++
			}
		}
	}
	return Span{(ascii + other) / bytesPerToken, ascii/ASCIIPerToken + other/otherBytesPerToken}
}

// New is an empty bill.
func New(cfg *config.Config, models *lm.Models) *Bill { return &Bill{cfg: cfg, models: models} }

// Bill adds up calls, tokens and money, each from the least to the most.
type Bill struct {
	cfg     *config.Config
	models  *lm.Models
	calls   api.CallRange
	tokens  Span
	usd     [2]float64
	unknown bool // some price is
	minutes [2]float64
	unpaced bool // some endpoint has no rate limit
}

// Add puts calls of a role on the bill; prompt is the tokens of all their prompts.
func (b *Bill) Add(role string, calls api.CallRange, prompt Span) {
	b.AddReplying(role, calls, prompt, ReplyTokens)
}

// AddReplying is Add with another bound of a reply's tokens.
func (b *Bill) AddReplying(role string, calls api.CallRange, prompt Span, most int) {
	r, _ := b.cfg.Role(role)
	calls.AtMost += (calls.AtMost + resentOneIn - 1) / resentOneIn
	prompt[1] += prompt[1] / resentOneIn
	if b.cfg.Limits.Hedge {
		calls.AtMost, prompt[1] = 2*calls.AtMost, 2*prompt[1]
	}
	reply := Span{calls.AtLeast, calls.AtMost * min(r.MaxTokens, most)}
	b.calls.AtLeast += calls.AtLeast
	b.calls.AtMost += calls.AtMost
	endpoints := b.models.Serving(r)
	b.unknown = b.unknown || len(endpoints) == 0
	b.unpaced = b.unpaced || len(endpoints) == 0
	b.tokens = b.tokens.Plus(prompt).Plus(reply)
	b.pay(endpoints, prompt, reply)
	b.pace(endpoints, calls)
}

// pay takes the cheapest endpoint for the least and the dearest for the most.
func (b *Bill) pay(endpoints []config.Endpoint, prompt, reply Span) {
	var sums [2][]float64
	for _, ep := range endpoints {
		if ep.USDPerMTokIn == nil || ep.USDPerMTokOut == nil {
			b.unknown = true
			return
		}
		for i := range sums {
			sums[i] = append(sums[i], (float64(prompt[i])**ep.USDPerMTokIn+float64(reply[i])**ep.USDPerMTokOut)/1e6)
		}
	}
	if len(endpoints) > 0 {
		b.usd[0] += slices.Min(sums[0])
		b.usd[1] += slices.Max(sums[1])
	}
}

// pace is what the endpoints' limits take for the calls: at the least all of them
// but those that may go out at once, a second's share of the limit; at the most
// with every call as slow as it may be, as many at once as may be in flight.
func (b *Bill) pace(endpoints []config.Endpoint, calls api.CallRange) {
	perMinute, atOnce, slowest := 0, 0, 0.0
	for _, ep := range endpoints {
		if ep.RPM == 0 {
			b.unpaced = true
			return
		}
		perMinute += ep.RPM
		atOnce += ep.MaxInFlight
		slowest = max(slowest, b.models.SlowestS(ep))
	}
	if perMinute == 0 {
		return
	}
	b.minutes[0] += max(0, float64(calls.AtLeast)/float64(perMinute)-1.0/60)
	waves := (calls.AtMost + max(1, atOnce) - 1) / max(1, atOnce)
	b.minutes[1] += float64(calls.AtMost)/float64(perMinute) + float64(waves)*slowest/60
}

// Less takes off what is known already.
func (b *Bill) Less(known int) {
	if known == 0 {
		return
	}
	rest := func(n int) int { return max(0, n-known) }
	share := float64(rest(b.calls.AtMost)) / float64(max(1, b.calls.AtMost))
	b.calls = api.CallRange{AtLeast: rest(b.calls.AtLeast), AtMost: rest(b.calls.AtMost)}
	b.tokens[0], b.usd[0], b.minutes[0] = 0, 0, 0 // which calls are left is not known
	if share == 0 {
		b.tokens[1], b.usd[1], b.minutes[1] = 0, 0, 0
	}
}

// Result is what a dry run answers; a price or a time that is not known is left out.
func (b *Bill) Result() *api.DryRunResult {
	r := &api.DryRunResult{Calls: b.calls, Tokens: (*[2]int)(&b.tokens)}
	if !b.unknown {
		r.USD = &b.usd
	}
	if !b.unpaced {
		r.Minutes = &b.minutes
	}
	return r
}
