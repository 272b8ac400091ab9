package points

import (
	"strings"
	"time"
)

// ParseDatetime reads what Qdrant takes for a date in a payload: RFC 3339 and
// its relaxations (a blank for T, no seconds, no time, no offset = UTC, an
// offset of hours only). Finer than a microsecond is cut off.
func ParseDatetime(s string) (time.Time, bool) {
	s = strings.TrimLeft(s, " \t\r\n")
	if utc, ok := strings.CutSuffix(s, " UTC"); ok {
		s = utc + "+00:00"
	}
	p := dateParser{rest: s, ok: true}
	year, month, day := p.number(4, 4), 0, 0
	p.expect("-")
	month = p.number(1, 2)
	p.expect("-")
	day = p.number(1, 2)
	clock, offset := p.clock()
	at := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if !p.ok || p.rest != "" || year < 1 || int(at.Month()) != month || at.Day() != day {
		return time.Time{}, false
	}
	return at.Add(clock - offset), true
}

// dateParser eats a date from the left; ok turns false at the first mismatch.
type dateParser struct {
	rest string
	ok   bool
}

func (p *dateParser) expect(one string) {
	rest, found := strings.CutPrefix(p.rest, one)
	p.rest, p.ok = rest, p.ok && found
}

func (p *dateParser) take(one string) bool {
	rest, found := strings.CutPrefix(p.rest, one)
	p.rest = rest
	return found
}

// digits takes up to most digits.
func (p *dateParser) digits(most int) string {
	n := 0
	for n < len(p.rest) && n < most && p.rest[n] >= '0' && p.rest[n] <= '9' {
		n++
	}
	taken := p.rest[:n]
	p.rest = p.rest[n:]
	return taken
}

func (p *dateParser) number(least, most int) (n int) {
	taken := p.digits(most)
	p.ok = p.ok && len(taken) >= least
	for _, c := range taken {
		n = n*10 + int(c-'0')
	}
	return n
}

func (p *dateParser) below(limit int) time.Duration {
	n := p.number(1, 2)
	p.ok = p.ok && n < limit
	return time.Duration(n)
}

// clock reads the time of day and the offset; a date may end before either.
func (p *dateParser) clock() (clock, offset time.Duration) {
	if p.rest == "" {
		return 0, 0
	}
	if !p.take("T") && !p.take("t") {
		blank := strings.TrimLeft(p.rest, " ")
		p.ok = p.ok && len(blank) < len(p.rest)
		p.rest = blank
	}
	clock = p.below(24) * time.Hour
	p.expect(":")
	clock += p.below(60) * time.Minute
	if !p.take(":") {
		return clock, 0 // without seconds there is no offset either
	}
	clock += p.below(60) * time.Second
	if p.take(".") {
		clock += p.fraction()
	}
	p.rest = strings.TrimLeft(p.rest, " ")
	return clock, p.offset()
}

func (p *dateParser) fraction() time.Duration {
	taken := p.digits(len(p.rest))
	p.ok = p.ok && taken != ""
	micros := (taken + "000000")[:6]
	var n time.Duration
	for _, c := range micros {
		n = n*10 + time.Duration(c-'0')
	}
	return n * time.Microsecond
}

func (p *dateParser) offset() time.Duration {
	sign := time.Duration(1)
	switch {
	case p.rest == "" || p.take("Z") || p.take("z"):
		return 0
	case p.take("-"):
		sign = -1
	default:
		p.expect("+")
	}
	offset := time.Duration(p.number(2, 2)) * time.Hour
	if p.rest != "" {
		p.take(":")
		minutes := p.number(2, 2)
		p.ok = p.ok && minutes < 60
		offset += time.Duration(minutes) * time.Minute
	}
	p.ok = p.ok && offset < 24*time.Hour
	return sign * offset
}
