package folder

import (
	"encoding/binary"
	"math"
	"math/big"
)

// What the machine builds: bool, int64, *big.Int, float64, string, and these.
type (
	pyNone  struct{}
	pyBytes []byte
	pyTuple []any
	pySet   struct{ items []any }
	// pyDict keeps key, value, key, value … as they came; the last of equal keys wins.
	pyDict struct{ pairs []any }
	// pyList is either all floats (raw then floats, in that order) or items.
	pyList struct {
		raw    []byte // opcodes 'G' and 8 bytes each, part of the row
		floats []float64
		items  []any
	}
	pyObject struct {
		class pyClass
		state *pyDict
	}
	pyMoment struct{ text string } // a datetime or date, as ISO 8601
	pyDelta  struct{ days, seconds, micros int64 }
	pyZone   struct{ offset pyDelta }
)

// pyClass is one of the classes a row may name. There is nothing to call
// behind it: the machine knows each by heart.
type pyClass uint8

const (
	classPoint pyClass = iota + 1
	classSparse
	classDatetime
	classDate
	classTimezone
	classTimedelta
	classUUID
)

var classes = map[string]pyClass{
	pointModule + " PointStruct":  classPoint,
	pointModule + " SparseVector": classSparse,
	"datetime datetime":           classDatetime,
	"datetime date":               classDate,
	"datetime timezone":           classTimezone,
	"datetime timedelta":          classTimedelta,
	"uuid UUID":                   classUUID,
}

const pointModule = "qdrant_client.http.models.models"

func (m *machine) class(module, name string) {
	class, known := classes[module+" "+name]
	if !known {
		m.fail("class %.100q is not one that a point needs: refused, nothing was run", module+"."+name)
		return
	}
	m.push(class)
}

// newObject is NEWOBJ: an empty object that BUILD fills.
func (m *machine) newObject() {
	args, isTuple := m.pop().(pyTuple)
	class, isClass := m.pop().(pyClass)
	plain := class == classPoint || class == classSparse || class == classUUID
	if !isTuple || !isClass || !plain || len(args) > 0 {
		m.fail("an object made in a way that a qdrant-client does not")
		return
	}
	m.push(&pyObject{class: class})
}

func (m *machine) build() {
	state, isDict := m.pop().(*pyDict)
	object, isObject := m.top().(*pyObject)
	if !isDict || !isObject || object.state != nil {
		m.fail("an object filled in a way that a qdrant-client does not")
		return
	}
	object.state = state
}

// reduce is REDUCE: for the classes of datetime, from their constructor's
// arguments.
func (m *machine) reduce() {
	args, isTuple := m.pop().(pyTuple)
	class, isClass := m.pop().(pyClass)
	if !isTuple || !isClass {
		m.fail("a call of something that is no class: refused, nothing was run")
		return
	}
	value := construct(class, args)
	if value == nil {
		m.fail("an object made in a way that a qdrant-client does not")
		return
	}
	m.push(value)
}

// get finds a string key; the last one wins.
func (d *pyDict) get(key string) (any, bool) {
	for i := len(d.pairs) - 2; i >= 0; i -= 2 {
		if name, ok := d.pairs[i].(string); ok && name == key {
			return d.pairs[i+1], true
		}
	}
	return nil, false
}

func (l *pyList) len() int { return len(l.raw)/9 + len(l.floats) + len(l.items) }

// addFloats keeps the first run undecoded; a longer list is decoded as it grows.
func (l *pyList) addFloats(raw []byte) {
	if l.raw == nil && l.floats == nil {
		l.raw = raw
		return
	}
	l.floats = appendFloats(l.numbers(), raw)
	l.raw = nil
}

// add appends values; the list leaves the all-floats form if it must.
func (l *pyList) add(items []any) {
	if len(items) == 1 && l.items == nil && l.len() > 0 {
		if f, ok := items[0].(float64); ok {
			l.floats, l.raw = append(l.numbers(), f), nil
			return
		}
	}
	if l.raw != nil || l.floats != nil {
		l.items = l.values()
		l.raw, l.floats = nil, nil
	}
	l.items = append(l.items, items...)
}

// numbers are the floats of a list in its all-floats form, in a slice that the
// caller may keep and grow.
func (l *pyList) numbers() []float64 {
	if l.raw == nil {
		return l.floats
	}
	return appendFloats(make([]float64, 0, len(l.raw)/9+len(l.floats)), l.raw)
}

func (l *pyList) values() []any {
	if l.raw == nil && l.floats == nil {
		return l.items
	}
	numbers := l.numbers()
	items := make([]any, len(numbers))
	for i, f := range numbers {
		items[i] = f
	}
	return items
}

func appendFloats(to []float64, raw []byte) []float64 {
	for ; len(raw) >= 9; raw = raw[9:] {
		to = append(to, math.Float64frombits(binary.BigEndian.Uint64(raw[1:9])))
	}
	return to
}

// float64s gives a list's numbers if it holds nothing else; ints become floats
// as they do in the client.
func (l *pyList) float64s() ([]float64, bool) {
	if l.items == nil {
		return l.numbers(), true
	}
	numbers := make([]float64, len(l.items))
	for i, item := range l.items {
		switch n := item.(type) {
		case float64:
			numbers[i] = n
		case int64:
			numbers[i] = float64(n)
		case *big.Int:
			numbers[i], _ = new(big.Float).SetInt(n).Float64()
		default:
			return nil, false
		}
	}
	return numbers, true
}
