package folder

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/hashicorp/go-hclog"
	"zombiezen.com/go/sqlite"
)

// Folder is the Python client's local-mode folder, held exclusively.
// Safe for concurrent use.
type Folder struct {
	path string
	log  hclog.Logger
	lock *lock

	// change is held while collections come, go or change, and taken before mu;
	// mu is for the fields below and never held while waiting for a collection.
	change sync.Mutex
	mu     sync.Mutex
	meta   *meta
	open   map[string]*Collection
	closed bool
}

// Open takes the lock, then reads meta.json. A missing folder or meta.json is
// an *Error and a held lock a *LockedError; nothing is created but the lock
// file of a folder that is one.
func Open(path string, log hclog.Logger) (*Folder, error) {
	path, err := existing(path)
	if err != nil {
		return nil, err
	}
	if log == nil {
		log = hclog.NewNullLogger()
	}
	held, err := takeLock(path)
	if err != nil {
		return nil, err
	}
	m, err := readMeta(path)
	if err != nil {
		held.release()
		return nil, err
	}
	return &Folder{path: path, log: log, lock: held, meta: m, open: map[string]*Collection{}}, nil
}

// existing makes path absolute and sees that a store is there.
func existing(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", &Error{Path: path, Reason: "not a path", Err: err}
	}
	info, err := os.Stat(absolute)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", &Error{Path: absolute, Reason: "there is no such folder, and none was created; give the folder that QdrantClient(path=...) wrote"}
	case err != nil:
		return "", &Error{Path: absolute, Reason: "the folder cannot be reached", Err: err}
	case !info.IsDir():
		return "", &Error{Path: absolute, Reason: "expected a folder, found a file"}
	}
	if _, err := os.Stat(filepath.Join(absolute, metaName)); err != nil {
		_, err = readMeta(absolute)
		return "", err
	}
	return absolute, nil
}

// Path is absolute.
func (f *Folder) Path() string { return f.path }

// Collections are the names in meta.json, sorted.
func (f *Folder) Collections() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	names := map[string]bool{}
	for _, m := range f.meta.collections {
		names[m.Key] = true
	}
	return sortedKeys(names)
}

// Aliases maps alias to collection name (a copy).
func (f *Folder) Aliases() map[string]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	aliases := map[string]string{}
	for alias, name := range f.meta.aliases {
		aliases[alias] = name
	}
	return aliases
}

// SetAliases replaces all aliases, durably.
func (f *Folder) SetAliases(aliases map[string]string) error {
	f.change.Lock()
	defer f.change.Unlock()
	return f.save(f.current().withAliases(aliases))
}

// writable refuses writes once the lock is no longer worth anything.
func (f *Folder) writable() error {
	if !f.lock.ours() {
		return &Error{Path: f.path, Reason: "nothing was written; start this process again, after making sure that no other one uses the folder", Err: ErrLockLost}
	}
	return nil
}

// current is meta.json as it stands.
func (f *Folder) current() *meta {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.meta
}

// save puts a changed meta on disk, then in force. The caller holds f.change.
func (f *Folder) save(m *meta) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return ErrClosed
	}
	if err := f.writable(); err != nil {
		return err
	}
	if err := m.save(f.path); err != nil {
		return &Error{Path: f.path, Reason: "meta.json cannot be replaced; it is as it was", Err: err}
	}
	f.meta = m
	return nil
}

// Collection opens a collection by its own name (not an alias); ErrNoCollection
// when meta.json does not name it, an *Error when its file or its entry is
// unusable (the others stay usable).
func (f *Folder) Collection(name string) (*Collection, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, ErrClosed
	}
	entry, ok := f.meta.collections.get(name)
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrNoCollection, name)
	}
	if c := f.open[name]; c != nil {
		return c, nil
	}
	cfg, err := parseConfig(entry)
	if err != nil {
		return nil, &Error{Path: f.path, Collection: name, Reason: "its entry in meta.json is unusable", Err: err}
	}
	db, err := f.openStorage(name)
	if err != nil {
		return nil, err
	}
	c := &Collection{name: name, folder: f, db: db, config: cfg}
	f.open[name] = c
	return c, nil
}

func (f *Folder) openStorage(name string) (*database, error) {
	file, err := storageFile(f.path, name)
	if err != nil {
		return nil, &Error{Path: f.path, Collection: name, Reason: "its file is unusable", Err: err}
	}
	db, err := openDatabase(file, sqlite.OpenReadWrite)
	if err != nil {
		return nil, &Error{Path: f.path, Collection: name, Reason: storageName + " cannot be opened", Err: err}
	}
	return db, nil
}

// Close closes every file and frees the lock. Idempotent. It waits for calls
// under way.
func (f *Folder) Close() error {
	f.change.Lock()
	defer f.change.Unlock()
	f.mu.Lock()
	first, open := !f.closed, f.open
	f.closed = true
	f.mu.Unlock()
	if !first {
		return nil
	}
	var all []error
	for _, c := range open {
		all = append(all, c.db.close())
	}
	return errors.Join(append(all, f.lock.release())...)
}
