package folder

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"slices"
	"unicode/utf8"
)

// encoder writes pickles of protocol 4 without frames and memo: the smallest
// form that every qdrant-client since 1.1.7 reads.
type encoder struct {
	out []byte
	err error
}

// Fixed parts of a point's pickle. The tail carries the bookkeeping keys of
// pydantic 2 and of pydantic 1; each reads its own and passes over the other's.
var (
	pointHead  = objectHead("PointStruct")
	pointTail  = objectTail("id", "vector", "payload")
	sparseHead = objectHead("SparseVector")
	sparseTail = objectTail("indices", "values")
)

func objectHead(class string) []byte {
	e := &encoder{}
	e.text(pointModule)
	e.text(class)
	e.op(opStackGlobal, opEmptyTuple, opNewObj, opEmptyDict, opMark)
	e.text("__dict__")
	return e.out
}

func objectTail(names ...string) []byte {
	e := &encoder{}
	e.text("__pydantic_extra__")
	e.op(opNone)
	e.text("__pydantic_fields_set__")
	e.names(names)
	e.text("__pydantic_private__")
	e.op(opNone)
	e.text("__fields_set__")
	e.names(names)
	e.text("__private_attribute_values__")
	e.op(opEmptyDict, opSetItems, opBuild)
	return e.out
}

// encodePoint gives the row's blob. single: the collection has nothing but the
// unnamed vector, which is then written as a bare list.
func encodePoint(p Point, single bool) ([]byte, error) {
	e := &encoder{out: make([]byte, 0, 512)}
	e.op(opProto, 4)
	e.op(pointHead...)
	e.op(opEmptyDict, opMark)
	e.text("id")
	e.id(p.ID)
	e.text("vector")
	e.vectors(p.Vectors, single)
	e.text("payload")
	e.dict(p.Payload, 0)
	e.op(opSetItems)
	e.op(pointTail...)
	e.op(opStop)
	return e.out, e.err
}

func (e *encoder) op(bytes ...byte) { e.out = append(e.out, bytes...) }

func (e *encoder) fail(format string, args ...any) {
	if e.err == nil {
		e.err = fmt.Errorf(format, args...)
	}
}

func (e *encoder) names(names []string) {
	e.op(opEmptySet, opMark)
	for _, name := range names {
		e.text(name)
	}
	e.op(opAddItems)
}

func (e *encoder) text(s string) {
	switch {
	case !utf8.ValidString(s):
		e.fail("a string that is not UTF-8: %.40q", s)
	case len(s) < 256:
		e.op(opShortUnicode, byte(len(s)))
	default:
		e.op(opUnicode)
		e.out = binary.LittleEndian.AppendUint32(e.out, uint32(len(s)))
	}
	e.out = append(e.out, s...)
}

func (e *encoder) id(id ID) {
	if id.UUID != "" {
		e.text(id.UUID)
		return
	}
	e.unsigned(id.Num)
}

// unsigned picks the form that Python's pickler picks, which matters for keys.
func (e *encoder) unsigned(n uint64) {
	switch {
	case n < 1<<8:
		e.op(opBinInt1, byte(n))
	case n < 1<<16:
		e.op(opBinInt2, byte(n), byte(n>>8))
	case n < 1<<31:
		e.op(opBinInt)
		e.out = binary.LittleEndian.AppendUint32(e.out, uint32(n))
	default:
		e.long(new(big.Int).SetUint64(n))
	}
}

func (e *encoder) signed(n int64) {
	switch {
	case n >= 0:
		e.unsigned(uint64(n))
	case n >= math.MinInt32:
		e.op(opBinInt)
		e.out = binary.LittleEndian.AppendUint32(e.out, uint32(int32(n)))
	default:
		e.op(opLong1, 8)
		e.out = binary.LittleEndian.AppendUint64(e.out, uint64(n))
	}
}

// long writes a number from 2^31 up: little-endian, with a clear sign bit.
func (e *encoder) long(n *big.Int) {
	b := n.Bytes()
	slices.Reverse(b)
	if b[len(b)-1]&0x80 != 0 {
		b = append(b, 0)
	}
	e.op(opLong1, byte(len(b)))
	e.out = append(e.out, b...)
}

func (e *encoder) float(f float64) {
	e.op(opBinFloat)
	e.out = binary.BigEndian.AppendUint64(e.out, math.Float64bits(f))
}

func (e *encoder) floats(numbers []float64) {
	e.op(opEmptyList, opMark)
	for _, f := range numbers {
		e.float(f)
	}
	e.op(opAppends)
}

func (e *encoder) vectors(vectors map[string]Vector, single bool) {
	if v, unnamed := vectors[""]; unnamed && single && v.Sparse == nil {
		e.vector(v)
		return
	}
	e.op(opEmptyDict, opMark)
	for _, name := range sortedKeys(vectors) {
		e.text(name)
		e.vector(vectors[name])
	}
	e.op(opSetItems)
}

func (e *encoder) vector(v Vector) {
	switch {
	case v.Sparse != nil:
		e.sparse(v.Sparse)
	case v.Multi != nil:
		e.op(opEmptyList, opMark)
		for _, row := range v.Multi {
			e.floats(row)
		}
		e.op(opAppends)
	default:
		e.floats(v.Dense)
	}
}

func (e *encoder) sparse(s *Sparse) {
	e.op(sparseHead...)
	e.op(opEmptyDict, opMark)
	e.text("indices")
	e.op(opEmptyList, opMark)
	for _, n := range s.Indices {
		e.unsigned(uint64(n))
	}
	e.op(opAppends)
	e.text("values")
	e.floats(s.Values)
	e.op(opSetItems)
	e.op(sparseTail...)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
