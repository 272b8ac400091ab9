package folder

import (
	"context"
	"errors"

	"github.com/hashicorp/go-hclog"
)

var errUnbuilt = errors.New("folder: not built yet")

// Folder is the Python client's local-mode folder, held exclusively.
// Safe for concurrent use.
type Folder struct{}

// Open takes the lock, then reads meta.json. A missing folder, meta.json or
// SQLite file is an error; nothing is created.
func Open(path string, log hclog.Logger) (*Folder, error) { return nil, errUnbuilt }

// Collections are the names in meta.json, sorted.
func (f *Folder) Collections() []string { return nil }

// Aliases maps alias to collection name (a copy).
func (f *Folder) Aliases() map[string]string { return nil }

// SetAliases replaces all aliases, durably.
func (f *Folder) SetAliases(map[string]string) error { return errUnbuilt }

// Collection opens a collection by its own name (not an alias); ErrNoCollection
// when meta.json does not name it.
func (f *Folder) Collection(name string) (*Collection, error) { return nil, errUnbuilt }

// CreateCollection adds an empty collection; ErrExists when there is one, and
// an error when a directory of that name with rows lies in the folder already.
func (f *Folder) CreateCollection(name string, cfg CollectionConfig) error { return errUnbuilt }

// UpdateCollection rewrites a collection's entry in meta.json (vector names
// added or removed, metadata); keys it does not know stay as found.
func (f *Folder) UpdateCollection(name string, cfg CollectionConfig) error { return errUnbuilt }

// DeleteCollection removes a collection and its aliases; false when missing.
func (f *Folder) DeleteCollection(name string) (bool, error) { return false, errUnbuilt }

// Close closes every file and frees the lock. Idempotent.
func (f *Folder) Close() error { return nil }

// ErrNoCollection and ErrExists are for errors.Is.
var (
	ErrNoCollection = errors.New("collection not found")
	ErrExists       = errors.New("collection already exists")
)

// Collection is one collection's SQLite file.
type Collection struct{}

// Name and Config as in meta.json.
func (c *Collection) Name() string             { return "" }
func (c *Collection) Config() CollectionConfig { return CollectionConfig{} }

// BadRows are the rows found unreadable so far.
func (c *Collection) BadRows() []BadRow { return nil }

// IDs reads every id from the covering index without touching rows (highest
// rowid wins among duplicates), in client order.
func (c *Collection) IDs(ctx context.Context) ([]ID, error) { return nil, errUnbuilt }

// Get decodes the named points that exist, in the order asked.
func (c *Collection) Get(ctx context.Context, ids []ID) ([]Point, error) { return nil, errUnbuilt }

// Scan decodes every point, in rowid order, and stops at fn's error. The
// payload is decoded only if withPayload, vectors only if withVectors.
func (c *Collection) Scan(ctx context.Context, withVectors, withPayload bool, fn func(Point) error) error {
	return errUnbuilt
}

// Write applies the batch in one transaction; when it returns nil the batch is
// on disk (synchronous=FULL). It waits for other readers of the file.
func (c *Collection) Write(ctx context.Context, b Batch) error { return errUnbuilt }

// Probe reports whether path is locked, and by whom if that can be told,
// without waiting and without creating anything.
func Probe(path string) (locked bool, pid int, err error) { return false, 0, errUnbuilt }
