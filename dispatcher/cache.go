package dispatcher

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
)

// cache keeps replies in files named by the hash of the whole request and the
// address it went to. Any number of processes may share the folder: a file is
// written under another name and renamed, and one that cannot be read, or that
// does not name its own key, is a miss. There is no fsync: kill -9 loses
// nothing, and what a power cut loses is asked again.
type cache struct {
	dir   string
	limit int64
	log   hclog.Logger

	bytes    atomic.Int64 // on disk, as far as known
	evicting atomic.Bool
	work     sync.WaitGroup
	end      sync.Once
	done     chan struct{}
}

// entry is one file.
type entry struct {
	Key          string `json:"key"`
	Text         string `json:"text,omitempty"`
	Vector       []byte `json:"vector,omitempty"` // float32, little endian
	Model        string `json:"model,omitempty"`
	FinishReason string `json:"finish_reason,omitempty"`
}

// block is what a small file takes on disk.
const block = 4096

// openCache makes the folder; nil for "" turns the cache off.
func openCache(path string, maxMB int, log hclog.Logger) (*cache, error) {
	if path == "" {
		return nil, nil
	}
	if maxMB <= 0 {
		maxMB = 1024
	}
	dir := filepath.Join(path, "replies")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cache.path: the folder cannot be made: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cache.path: the folder must be readable by its owner alone: %w", err)
	}
	c := &cache{dir: dir, limit: int64(maxMB) << 20, log: log, done: make(chan struct{})}
	c.sweep()
	return c, nil
}

// cacheKey hashes a request: kind is chat or embed, body holds everything that
// is sent. Keys and headers are no part of it.
func cacheKey(kind, address string, body []byte, rollout int) string {
	h := sha256.New()
	fmt.Fprintf(h, "1\n%s\n%s\n%d\n", kind, address, rollout)
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

func (c *cache) file(key string) string { return filepath.Join(c.dir, key[:2], key) }

// get reads an entry; anything wrong with it is a miss.
func (c *cache) get(key string) (entry, bool) {
	if c == nil {
		return entry{}, false
	}
	raw, err := os.ReadFile(c.file(key))
	if err != nil {
		return entry{}, false
	}
	var e entry
	if json.Unmarshal(raw, &e) != nil || e.Key != key {
		return entry{}, false
	}
	return e, true
}

// put keeps an entry. A reply that cannot be kept is still a reply: failing to
// write is logged and costs money later, not the call.
func (c *cache) put(key string, e entry) {
	if c == nil {
		return
	}
	e.Key = key
	raw, err := json.Marshal(e)
	if err == nil {
		err = c.write(c.file(key), raw)
	}
	if err != nil {
		c.log.Warn("a reply could not be kept in the cache", "error", err)
		return
	}
	if c.bytes.Add(onDisk(int64(len(raw)))) > c.limit {
		c.sweep()
	}
}

func (c *cache) write(name string, raw []byte) error {
	dir := filepath.Dir(name)
	tmp, err := os.CreateTemp(dir, tempPrefix)
	if os.IsNotExist(err) {
		if err = os.MkdirAll(dir, 0o700); err == nil {
			tmp, err = os.CreateTemp(dir, tempPrefix)
		}
	}
	if err != nil {
		return err
	}
	_, err = tmp.Write(raw)
	if closing := tmp.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}

const tempPrefix = ".tmp-"

func onDisk(size int64) int64 { return (size + block - 1) / block * block }

// sweep measures the folder in the background and removes the oldest entries
// beyond the limit. One at a time in a process; several processes may do it at
// once, since a file that is gone is no error.
func (c *cache) sweep() {
	if c.closed() || !c.evicting.CompareAndSwap(false, true) {
		return
	}
	c.work.Add(1)
	go func() {
		defer c.work.Done()
		defer c.evicting.Store(false)
		c.evict()
	}()
}

type aged struct {
	name string
	size int64
	at   time.Time
}

func (c *cache) evict() {
	files, total := c.walk()
	if total > c.limit {
		slices.SortFunc(files, func(a, b aged) int { return a.at.Compare(b.at) })
		for _, f := range files {
			if total <= c.limit/10*9 || c.closed() {
				break
			}
			if os.Remove(f.name) == nil {
				total -= f.size
			}
		}
	}
	c.bytes.Store(total)
}

// walk lists the entries, and removes what a killed process left half written.
func (c *cache) walk() (files []aged, total int64) {
	filepath.WalkDir(c.dir, func(name string, d fs.DirEntry, err error) error {
		if c.closed() {
			return filepath.SkipAll
		}
		if err != nil || d.IsDir() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil
		}
		if strings.HasPrefix(d.Name(), tempPrefix) {
			if time.Since(info.ModTime()) > time.Hour {
				os.Remove(name)
			}
			return nil
		}
		size := onDisk(info.Size())
		files = append(files, aged{name, size, info.ModTime()})
		total += size
		return nil
	})
	return files, total
}

func (c *cache) closed() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

func (c *cache) close() {
	if c == nil {
		return
	}
	c.end.Do(func() { close(c.done) })
	c.work.Wait()
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
