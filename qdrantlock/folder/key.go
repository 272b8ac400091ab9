package folder

import (
	"encoding/base64"
	"encoding/binary"
	"strconv"
)

// String writes an id as people do.
func (a ID) String() string {
	if a.UUID != "" {
		return a.UUID
	}
	return strconv.FormatUint(a.Num, 10)
}

// Compare is -1, 0 or 1 in the order of Less.
func (a ID) Compare(b ID) int {
	switch {
	case a.Less(b):
		return -1
	case b.Less(a):
		return 1
	}
	return 0
}

// encodeKey is the text of the id column: base64 of the id's pickle, byte for
// byte as Python's C pickler writes it with protocol 4. A different key for
// the same id would make a second row of it.
func encodeKey(id ID) string {
	e := &encoder{}
	e.id(id)
	if id.UUID != "" {
		e.op(opMemoize)
	}
	e.op(opStop)
	pickle := []byte{opProto, 4}
	if len(e.out) >= 4 { // shorter bodies get no frame
		pickle = append(pickle, opFrame)
		pickle = binary.LittleEndian.AppendUint64(pickle, uint64(len(e.out)))
	}
	return base64.StdEncoding.EncodeToString(append(pickle, e.out...))
}

// keyReader tells which point a key means, without touching its row.
type keyReader struct {
	machine machine
	buf     [128]byte
}

// read reports false for a key that names no id Qdrant can carry; the row has
// to be asked then. Older clients wrote other spellings and protocol 5.
func (k *keyReader) read(text []byte) (ID, bool) {
	if base64.StdEncoding.DecodedLen(len(text)) > len(k.buf) {
		return ID{}, false
	}
	n, err := base64.StdEncoding.Decode(k.buf[:], text)
	if err != nil {
		return ID{}, false
	}
	value, err := k.machine.load(k.buf[:n])
	if err != nil {
		return ID{}, false
	}
	id, err := pointID(value)
	return id, err == nil
}
