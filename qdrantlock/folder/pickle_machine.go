package folder

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// Opcodes of the pickle format that the client's pickler writes, protocols
// 2 to 5 (Python's Lib/pickletools.py describes them).
const (
	opMark         = '('
	opStop         = '.'
	opPop          = '0'
	opPopMark      = '1'
	opProto        = 0x80
	opFrame        = 0x95
	opMemoize      = 0x94
	opBinPut       = 'q'
	opLongBinPut   = 'r'
	opBinGet       = 'h'
	opLongBinGet   = 'j'
	opNone         = 'N'
	opTrue         = 0x88
	opFalse        = 0x89
	opBinInt       = 'J'
	opBinInt1      = 'K'
	opBinInt2      = 'M'
	opLong1        = 0x8a
	opLong4        = 0x8b
	opBinFloat     = 'G'
	opShortUnicode = 0x8c
	opUnicode      = 'X'
	opUnicode8     = 0x8d
	opShortBytes   = 'C'
	opBytes        = 'B'
	opBytes8       = 0x8e
	opEmptyList    = ']'
	opAppend       = 'a'
	opAppends      = 'e'
	opEmptyDict    = '}'
	opSetItem      = 's'
	opSetItems     = 'u'
	opEmptySet     = 0x8f
	opAddItems     = 0x90
	opFrozenSet    = 0x91
	opEmptyTuple   = ')'
	opTuple        = 't'
	opTuple1       = 0x85
	opTuple2       = 0x86
	opTuple3       = 0x87
	opGlobal       = 'c'
	opStackGlobal  = 0x93
	opNewObj       = 0x81
	opReduce       = 'R'
	opBuild        = 'b'
)

// machine is the restricted unpickler. It builds plain values and the seven
// known classes; it calls nothing. Every step consumes a byte at least and
// pushes one value at most, so time and memory are bounded by the row's size.
// One machine serves many rows, one after the other; not concurrently.
type machine struct {
	data  []byte
	pos   int
	stack []any
	marks []int // stack heights at each open MARK
	memo  []any
	puts  int // memo entries set, which is where MEMOIZE puts the next
	words map[string]string
	err   error
}

// maxWords bounds the table of short strings that many rows share.
const maxWords = 4096

// load runs one pickle to its STOP and returns the value it leaves. The value
// may point into data.
func (m *machine) load(data []byte) (any, error) {
	m.data, m.pos, m.err, m.puts = data, 0, nil, 0
	m.stack, m.marks, m.memo = m.stack[:0], m.marks[:0], m.memo[:0]
	for {
		op := m.byte()
		if m.err == nil && op == opStop {
			return m.pop(), m.err
		}
		if m.err == nil {
			m.step(op)
		}
		if m.err != nil {
			return nil, m.err
		}
	}
}

// fail keeps the first error; the loop in load stops at it.
func (m *machine) fail(format string, args ...any) {
	if m.err == nil {
		m.err = fmt.Errorf("pickle byte %d: %s", m.pos, fmt.Sprintf(format, args...))
	}
}

// take reads n bytes, which stay part of the row.
func (m *machine) take(n uint64) []byte {
	if n > uint64(len(m.data)-m.pos) {
		m.fail("truncated: %d bytes expected, %d left", n, len(m.data)-m.pos)
		return nil
	}
	piece := m.data[m.pos : m.pos+int(n)]
	m.pos += int(n)
	return piece
}

func (m *machine) byte() byte {
	if m.pos >= len(m.data) {
		m.fail("truncated: no STOP")
		return 0
	}
	m.pos++
	return m.data[m.pos-1]
}

// number reads an unsigned little-endian integer of n bytes.
func (m *machine) number(n int) uint64 {
	var wide [8]byte
	copy(wide[:], m.take(uint64(n)))
	return binary.LittleEndian.Uint64(wide[:])
}

func (m *machine) float() float64 {
	if b := m.take(8); b != nil {
		return math.Float64frombits(binary.BigEndian.Uint64(b))
	}
	return 0
}

func (m *machine) push(v any) { m.stack = append(m.stack, v) }

// floor is the stack height below which nothing may be popped.
func (m *machine) floor() int {
	if len(m.marks) == 0 {
		return 0
	}
	return m.marks[len(m.marks)-1]
}

func (m *machine) pop() any {
	if len(m.stack) <= m.floor() {
		m.fail("stack is empty")
		return nil
	}
	top := m.stack[len(m.stack)-1]
	m.stack = m.stack[:len(m.stack)-1]
	return top
}

// top is the value that container opcodes add to.
func (m *machine) top() any {
	if len(m.stack) <= m.floor() {
		m.fail("stack is empty")
		return nil
	}
	return m.stack[len(m.stack)-1]
}

// popMark returns what was pushed since the last MARK. The slice is valid
// until the next push.
func (m *machine) popMark() []any {
	if len(m.marks) == 0 {
		m.fail("no MARK on the stack")
		return nil
	}
	at := m.floor()
	items := m.stack[at:]
	m.stack, m.marks = m.stack[:at], m.marks[:len(m.marks)-1]
	return items
}

// put stores the top of the stack in the memo. A pickle has no use for more
// entries than it has bytes.
func (m *machine) put(at uint64) {
	if at > uint64(len(m.data)) {
		m.fail("memo index %d is too large", at)
		return
	}
	for uint64(len(m.memo)) <= at {
		m.memo = append(m.memo, nil)
	}
	m.memo[at] = m.top()
	m.puts++
}

func (m *machine) get(at uint64) {
	if at >= uint64(len(m.memo)) || m.memo[at] == nil {
		m.fail("memo has no entry %d", at)
		return
	}
	m.push(m.memo[at])
}

// text makes a string of b; short ones are shared between rows, because
// payload keys repeat in each. Lone surrogates, which Python can hold and UTF-8
// cannot, are replaced here, once: a pickle may use one string many times.
func (m *machine) text(b []byte) string {
	if len(b) > 32 {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	if s, ok := m.words[string(b)]; ok {
		return s
	}
	s := strings.ToValidUTF8(string(b), "\uFFFD")
	if len(m.words) < maxWords {
		if m.words == nil {
			m.words = map[string]string{}
		}
		m.words[string(b)] = s
	}
	return s
}
