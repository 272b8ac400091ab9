package folder

import (
	"bytes"
	"math/big"
	"slices"
)

// step executes one opcode. None is written as memo entry pyNone, so that a
// nil in the memo means "not set".
func (m *machine) step(op byte) {
	switch op {
	case opProto:
		if version := m.byte(); version > 5 {
			m.fail("protocol %d is newer than 5", version)
		}
	case opFrame:
		m.take(8) // a hint for buffered readers; the row is in memory
	case opMark:
		if !m.floatRun() {
			m.marks = append(m.marks, len(m.stack))
		}
	case opPop:
		m.popAny()
	case opPopMark:
		m.popMark()
	case opMemoize:
		m.put(uint64(m.puts))
	case opBinPut:
		m.put(m.number(1))
	case opLongBinPut:
		m.put(m.number(4))
	case opBinGet:
		m.get(m.number(1))
	case opLongBinGet:
		m.get(m.number(4))
	default:
		m.value(op)
	}
}

// value executes the opcodes that push a constant.
func (m *machine) value(op byte) {
	switch op {
	case opNone:
		m.push(pyNone{})
	case opTrue:
		m.push(true)
	case opFalse:
		m.push(false)
	case opBinInt:
		m.push(int64(int32(m.number(4))))
	case opBinInt1:
		m.push(int64(m.number(1)))
	case opBinInt2:
		m.push(int64(m.number(2)))
	case opLong1:
		m.long(m.number(1))
	case opLong4:
		m.long(m.number(4))
	case opBinFloat:
		m.push(m.float())
	case opShortUnicode:
		m.push(m.text(m.take(m.number(1))))
	case opUnicode:
		m.push(m.text(m.take(m.number(4))))
	case opUnicode8:
		m.push(m.text(m.take(m.number(8))))
	case opShortBytes:
		m.push(pyBytes(m.take(m.number(1))))
	case opBytes:
		m.push(pyBytes(m.take(m.number(4))))
	case opBytes8:
		m.push(pyBytes(m.take(m.number(8))))
	default:
		m.container(op)
	}
}

// container executes the opcodes that make or fill containers.
func (m *machine) container(op byte) {
	switch op {
	case opEmptyList:
		m.push(&pyList{})
	case opAppend:
		m.extend([]any{m.pop()})
	case opAppends:
		m.extend(m.popMark())
	case opEmptyDict:
		m.push(&pyDict{})
	case opSetItem:
		value, key := m.pop(), m.pop()
		m.setItems([]any{key, value})
	case opSetItems:
		m.setItems(m.popMark())
	case opEmptySet:
		m.push(&pySet{})
	case opAddItems:
		m.addItems(m.popMark())
	case opFrozenSet:
		m.push(&pySet{items: slices.Clone(m.popMark())})
	case opEmptyTuple:
		m.push(pyTuple(nil))
	case opTuple:
		m.push(pyTuple(slices.Clone(m.popMark())))
	case opTuple1, opTuple2, opTuple3:
		m.tuple(int(op-opTuple1) + 1)
	default:
		m.object(op)
	}
}

// object executes the opcodes that name, make or fill an object of a class.
func (m *machine) object(op byte) {
	switch op {
	case opGlobal:
		module := m.line()
		m.class(module, m.line())
	case opStackGlobal:
		name, isName := m.pop().(string)
		module, isModule := m.pop().(string)
		if !isName || !isModule {
			m.fail("a class name that is no string")
			return
		}
		m.class(module, name)
	case opNewObj:
		m.newObject()
	case opReduce:
		m.reduce()
	case opBuild:
		m.build()
	default:
		m.fail("opcode 0x%02x is not one that a qdrant-client writes: refused", op)
	}
}

// popAny is POP: a value, or an open MARK.
func (m *machine) popAny() {
	if len(m.marks) > 0 && len(m.stack) == m.floor() {
		m.marks = m.marks[:len(m.marks)-1]
		return
	}
	m.pop()
}

// line reads up to a newline, for GLOBAL.
func (m *machine) line() string {
	end := bytes.IndexByte(m.data[m.pos:], '\n')
	if end < 0 {
		m.fail("truncated: no end of line")
		return ""
	}
	line := m.data[m.pos : m.pos+end]
	m.pos += end + 1
	return string(line)
}

// maxLong is the largest integer read, in bytes; ids need nine.
const maxLong = 4096

// long pushes a little-endian two's complement integer of n bytes.
func (m *machine) long(n uint64) {
	if n > maxLong {
		m.fail("an integer of %d bytes: refused", n)
		return
	}
	b := bytes.Clone(m.take(n))
	negative := len(b) > 0 && b[len(b)-1]&0x80 != 0
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	number := new(big.Int).SetBytes(b)
	if negative {
		number.Sub(number, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	if number.IsInt64() {
		m.push(number.Int64())
		return
	}
	m.push(number)
}

// tuple pushes a tuple of the n values on top.
func (m *machine) tuple(n int) {
	if len(m.stack)-n < m.floor() {
		m.fail("stack is empty")
		return
	}
	at := len(m.stack) - n
	items := slices.Clone(m.stack[at:])
	m.stack = m.stack[:at]
	m.push(pyTuple(items))
}

func (m *machine) extend(items []any) {
	list, ok := m.top().(*pyList)
	if !ok {
		m.fail("items appended to something that is no list")
		return
	}
	list.add(items)
}

func (m *machine) setItems(pairs []any) {
	dict, ok := m.top().(*pyDict)
	if !ok || len(pairs)%2 != 0 {
		m.fail("items set in something that is no dict")
		return
	}
	dict.pairs = append(dict.pairs, pairs...)
}

func (m *machine) addItems(items []any) {
	set, ok := m.top().(*pySet)
	if !ok {
		m.fail("items added to something that is no set")
		return
	}
	set.items = append(set.items, items...)
}

// floatRun is the fast path for vectors. Right after a MARK on a list, it takes
// "G<8 bytes>" as often as it stands there, if APPENDS follows; the numbers are
// decoded when somebody asks for them. False leaves everything as it was.
func (m *machine) floatRun() bool {
	if len(m.stack) == m.floor() {
		return false
	}
	list, ok := m.stack[len(m.stack)-1].(*pyList)
	if !ok || len(list.items) > 0 {
		return false
	}
	end := m.pos
	for end+9 <= len(m.data) && m.data[end] == opBinFloat {
		end += 9
	}
	if end == m.pos || end >= len(m.data) || m.data[end] != opAppends {
		return false
	}
	list.addFloats(m.data[m.pos:end])
	m.pos = end + 1
	return true
}
