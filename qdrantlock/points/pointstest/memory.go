// Package pointstest has a folder that lives in memory, for tests of packages
// points and serve without files. It keeps the documented behaviour of package
// folder and nothing else.
package pointstest

import (
	"context"
	"maps"
	"slices"
	"sync"

	"qgen-sidecar/qdrantlock/folder"
	"qgen-sidecar/qdrantlock/points"
)

// Memory is one collection. Safe for concurrent use.
type Memory struct {
	name string

	mu   sync.Mutex
	cfg  folder.CollectionConfig
	rows []folder.Point // in write order
	// Fail, if set, is what Write answers instead of writing.
	fail error
	// Batches counts the transactions so far.
	batches int
}

// NewMemory is an empty collection.
func NewMemory(name string, cfg folder.CollectionConfig) *Memory {
	return &Memory{name: name, cfg: cfg}
}

// FailWrites makes every later Write answer err; nil ends that.
func (m *Memory) FailWrites(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

// Batches is the number of transactions so far.
func (m *Memory) Batches() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.batches
}

// Name is the collection's own name.
func (m *Memory) Name() string { return m.name }

// Config is what NewMemory or UpdateCollection was given.
func (m *Memory) Config() folder.CollectionConfig {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cfg
}

// IDs lists the ids in client order.
func (m *Memory) IDs(context.Context) ([]folder.ID, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ids := make([]folder.ID, len(m.rows))
	for i, p := range m.rows {
		ids[i] = p.ID
	}
	slices.SortFunc(ids, folder.ID.Compare)
	return ids, nil
}

// Get gives the points that exist.
func (m *Memory) Get(_ context.Context, ids []folder.ID) ([]folder.Point, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []folder.Point
	for _, id := range ids {
		if i := m.index(id); i >= 0 {
			out = append(out, m.rows[i])
		}
	}
	return out, nil
}

// Scan gives every point in write order.
func (m *Memory) Scan(_ context.Context, _, _ bool, fn func(folder.Point) error) error {
	m.mu.Lock()
	rows := slices.Clone(m.rows)
	m.mu.Unlock()
	for _, p := range rows {
		if err := fn(p); err != nil {
			return err
		}
	}
	return nil
}

// Write applies a batch, or nothing of it.
func (m *Memory) Write(_ context.Context, b folder.Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	m.batches++
	for _, id := range b.Delete {
		m.remove(id)
	}
	for _, p := range b.Put {
		m.remove(p.ID)
		m.rows = append(m.rows, p)
	}
	return nil
}

func (m *Memory) remove(id folder.ID) {
	if i := m.index(id); i >= 0 {
		m.rows = slices.Delete(m.rows, i, i+1)
	}
}

func (m *Memory) index(id folder.ID) int {
	return slices.IndexFunc(m.rows, func(p folder.Point) bool { return p.ID == id })
}

// Folder is a set of Memory collections. Safe for concurrent use.
type Folder struct {
	mu          sync.Mutex
	collections map[string]*Memory
	aliases     map[string]string
}

// NewFolder is an empty folder.
func NewFolder() *Folder {
	return &Folder{collections: map[string]*Memory{}, aliases: map[string]string{}}
}

// Memory is the collection of that name, or nil.
func (f *Folder) Memory(name string) *Memory {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.collections[name]
}

// Collections lists the names, sorted.
func (f *Folder) Collections() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.collections))
}

// Aliases maps alias to collection.
func (f *Folder) Aliases() map[string]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.aliases)
}

// SetAliases replaces them all.
func (f *Folder) SetAliases(aliases map[string]string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.aliases = maps.Clone(aliases)
	return nil
}

// Open finds a collection by its own name.
func (f *Folder) Open(name string) (points.Source, error) {
	if m := f.Memory(name); m != nil {
		return m, nil
	}
	return nil, folder.ErrNoCollection
}

// CreateCollection adds an empty collection.
func (f *Folder) CreateCollection(name string, cfg folder.CollectionConfig) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.collections[name] != nil {
		return folder.ErrExists
	}
	f.collections[name] = NewMemory(name, cfg)
	return nil
}

// UpdateCollection replaces a collection's configuration.
func (f *Folder) UpdateCollection(name string, cfg folder.CollectionConfig) error {
	m := f.Memory(name)
	if m == nil {
		return folder.ErrNoCollection
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cfg = cfg
	return nil
}

// DeleteCollection removes a collection and its aliases.
func (f *Folder) DeleteCollection(name string) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, ok := f.collections[name]
	delete(f.collections, name)
	maps.DeleteFunc(f.aliases, func(_, target string) bool { return target == name })
	return ok, nil
}
