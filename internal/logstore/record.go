package logstore

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

// Key names a record; a SHA-256 is one.
type Key [32]byte

// short is what the index holds of a key; records hold all of it.
func (k Key) short() uint64 { return binary.LittleEndian.Uint64(k[:8]) }

// A record is magic, length of the payload, CRC-32C of key and payload, key,
// payload. The magic's bytes do not occur in UTF-8.
const (
	atLength = 4
	atSum    = 8
	atKey    = 12
	headSize = atKey + len(Key{})
)

var (
	magic      = []byte{0xf7, 'q', 'g', 0xfb}
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

func newRecord(k Key, payload []byte) []byte {
	raw := make([]byte, headSize, headSize+len(payload))
	copy(raw, magic)
	binary.LittleEndian.PutUint32(raw[atLength:], uint32(len(payload)))
	copy(raw[atKey:], k[:])
	raw = append(raw, payload...)
	binary.LittleEndian.PutUint32(raw[atSum:], checksum(raw))
	return raw
}

func checksum(record []byte) uint32 { return crc32.Checksum(record[atKey:], castagnoli) }

// intact reports whether raw is k's record, whole.
func intact(raw []byte, k Key) bool {
	return bytes.Equal(raw[:len(magic)], magic) && bytes.Equal(raw[atKey:headSize], k[:]) &&
		binary.LittleEndian.Uint32(raw[atSum:]) == checksum(raw)
}

// payloadLength is what a record's head says.
func payloadLength(head []byte) int { return int(binary.LittleEndian.Uint32(head[atLength:])) }
