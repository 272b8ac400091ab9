package folder

import (
	"fmt"
	"strings"
	"time"
)

// construct makes a value of one of datetime's classes from the arguments that
// Python's __reduce__ gives; nil when they are not as Python writes them.
func construct(class pyClass, args []any) any {
	switch class {
	case classDatetime:
		return newDatetime(args)
	case classDate:
		return newDate(args)
	case classTimezone:
		return newTimezone(args)
	case classTimedelta:
		return newTimedelta(args)
	}
	return nil
}

// newDatetime: ten bytes (year big-endian, month, day, hour, minute, second,
// microseconds big-endian; the month's high bit is "fold") and perhaps a zone.
func newDatetime(args []any) any {
	b, zone, ok := momentArgs(args, 10)
	if !ok {
		return nil
	}
	year, micros := int(b[0])<<8|int(b[1]), int(b[7])<<16|int(b[8])<<8|int(b[9])
	at := time.Date(year, time.Month(b[2]&0x7f), int(b[3]), int(b[4]), int(b[5]), int(b[6]), micros*1000, time.UTC)
	if at.Year() != year || at.Month() != time.Month(b[2]&0x7f) || at.Day() != int(b[3]) || at.Second() != int(b[6]) {
		return nil // a day or hour that does not exist
	}
	text := at.Format("2006-01-02T15:04:05")
	if micros > 0 {
		text += fmt.Sprintf(".%06d", micros)
	}
	return &pyMoment{text + zone}
}

// newDate: four bytes.
func newDate(args []any) any {
	b, zone, ok := momentArgs(args, 4)
	if !ok || zone != "" {
		return nil
	}
	return &pyMoment{fmt.Sprintf("%04d-%02d-%02d", int(b[0])<<8|int(b[1]), b[2], b[3])}
}

// momentArgs are the packed bytes and the zone's suffix, "" if there is none.
func momentArgs(args []any, size int) (packed pyBytes, zone string, ok bool) {
	if len(args) == 2 {
		z, isZone := args[1].(*pyZone)
		if !isZone {
			return nil, "", false
		}
		zone = z.suffix()
	}
	if len(args) < 1 || len(args) > 2 {
		return nil, "", false
	}
	packed, ok = args[0].(pyBytes)
	return packed, zone, ok && len(packed) == size
}

// newTimezone: an offset and perhaps a name, which ISO 8601 has no place for.
func newTimezone(args []any) any {
	if len(args) < 1 || len(args) > 2 {
		return nil
	}
	offset, ok := args[0].(*pyDelta)
	if !ok {
		return nil
	}
	return &pyZone{*offset}
}

// newTimedelta: days, seconds, microseconds.
func newTimedelta(args []any) any {
	var n [3]int64
	for i, arg := range args {
		number, ok := arg.(int64)
		if !ok || i >= len(n) || number > 1e9 || number < -1e9 {
			return nil
		}
		n[i] = number
	}
	return &pyDelta{n[0], n[1], n[2]}
}

// suffix is "Z" or "+02:00", as the client writes a zone.
func (z *pyZone) suffix() string {
	seconds := z.offset.days*86400 + z.offset.seconds
	if seconds == 0 {
		return "Z"
	}
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	return fmt.Sprintf("%c%02d:%02d", sign, seconds/3600, seconds/60%60)
}

// iso is an ISO 8601 duration as the client writes it: P1DT2H3M4.000005S.
func (d *pyDelta) iso() string {
	micros := (d.days*86400+d.seconds)*1_000_000 + d.micros
	sign := ""
	if micros < 0 {
		sign, micros = "-", -micros
	}
	days, clock := micros/86_400_000_000, durationClock(micros%86_400_000_000)
	text := sign + "P"
	if years := days / 365; years > 0 {
		text += fmt.Sprintf("%dY", years)
	}
	if days%365 > 0 {
		text += fmt.Sprintf("%dD", days%365)
	}
	if clock == "" && days == 0 {
		clock = "0S"
	}
	if clock != "" {
		text += "T" + clock
	}
	return text
}

func durationClock(micros int64) string {
	seconds, text := micros/1_000_000, ""
	if hours := seconds / 3600; hours > 0 {
		text += fmt.Sprintf("%dH", hours)
	}
	if minutes := seconds / 60 % 60; minutes > 0 {
		text += fmt.Sprintf("%dM", minutes)
	}
	rest := fmt.Sprintf("%d", seconds%60)
	if fraction := micros % 1_000_000; fraction > 0 {
		rest += strings.TrimRight(fmt.Sprintf(".%06d", fraction), "0")
	}
	if rest != "0" {
		text += rest + "S"
	}
	return text
}
