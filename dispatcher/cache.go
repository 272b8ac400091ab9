package dispatcher

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strconv"

	"github.com/hashicorp/go-hclog"

	"qgen-sidecar/internal/logstore"
)

// cache keeps replies under the hash of the whole request and the address it
// went to. Any number of processes may share the folder. There is no fsync: kill
// -9 loses nothing, and what a power cut loses is asked again.
type cache struct {
	store *logstore.Store
	log   hclog.Logger
}

// entry is what is kept of a reply, as JSON.
type entry struct {
	Text         string `json:"text,omitempty"`
	Vector       []byte `json:"vector,omitempty"` // float32, little endian
	Model        string `json:"model,omitempty"`
	FinishReason string `json:"finish_reason,omitempty"`
}

// key is the SHA-256 of a request.
type key = logstore.Key

// openCache makes the folder; nil for "" turns the cache off.
func openCache(path string, maxMB int, log hclog.Logger) (*cache, error) {
	if path == "" {
		return nil, nil
	}
	if maxMB <= 0 {
		maxMB = 1024
	}
	store, err := logstore.Open(filepath.Join(path, "replies"), int64(maxMB)<<20)
	if err != nil {
		return nil, fmt.Errorf("cache.path: expected a folder that its owner can write to: %w", err)
	}
	return &cache{store, log}, nil
}

// hashRequest makes a key: kind is chat or embed, body holds everything that is
// sent. Keys and headers are no part of it.
func hashRequest(kind, address string, body []byte, rollout int) key {
	h := sha256.New()
	head := make([]byte, 0, 256)
	head = append(append(head, "1\n"...), kind...)
	head = append(append(head, '\n'), address...)
	head = strconv.AppendInt(append(head, '\n'), int64(rollout), 10)
	h.Write(append(head, '\n'))
	h.Write(body)
	return key(h.Sum(head[:0]))
}

// get reads an entry; anything wrong with it is a miss.
func (c *cache) get(k key) (e entry, ok bool) {
	if c == nil {
		return e, false
	}
	raw, ok := c.store.Get(k)
	return e, ok && json.Unmarshal(raw, &e) == nil
}

// put keeps an entry. A reply that cannot be kept is still a reply: failing to
// write is logged and costs money later, not the call.
func (c *cache) put(k key, e entry) {
	if c == nil {
		return
	}
	if err := c.keep(k, e); err != nil {
		c.log.Warn("a reply could not be kept in the cache", "error", err)
	}
}

func (c *cache) keep(k key, e entry) error {
	raw, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return c.store.Put(k, raw)
}

func (c *cache) close() {
	if c != nil {
		c.store.Close()
	}
}

func packVector(v []float32) []byte {
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

func unpackVector(b []byte) []float32 {
	v := make([]float32, len(b)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return v
}
