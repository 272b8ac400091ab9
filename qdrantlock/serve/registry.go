package serve

import (
	"errors"
	"maps"
	"slices"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"qgen-sidecar/qdrantlock/folder"
	"qgen-sidecar/qdrantlock/points"
)

// Folder is what is served: a *folder.Folder, or a map in tests. The methods
// are documented there.
type Folder interface {
	Collections() []string
	Aliases() map[string]string
	SetAliases(map[string]string) error
	Open(name string) (points.Source, error)
	CreateCollection(name string, cfg folder.CollectionConfig) error
	UpdateCollection(name string, cfg folder.CollectionConfig) error
	DeleteCollection(name string) (bool, error)
}

type onDisk struct{ *folder.Folder }

func (f onDisk) Open(name string) (points.Source, error) { return f.Collection(name) }

// registry holds the open collections. Its lock is never held while points are
// read or written.
type registry struct {
	folder Folder
	mu     sync.Mutex // also serialises changes of meta.json
	open   map[string]*points.Collection
}

func newRegistry(f Folder) *registry {
	return &registry{folder: f, open: map[string]*points.Collection{}}
}

// get finds a collection by its name or an alias.
func (r *registry) get(name string) (*points.Collection, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	own := r.resolve(name)
	if c, ok := r.open[own]; ok {
		return c, nil
	}
	src, err := r.folder.Open(own)
	if errors.Is(err, folder.ErrNoCollection) {
		return nil, noCollection(name)
	}
	if err != nil {
		return nil, err
	}
	c := points.New(src)
	r.open[own] = c
	return c, nil
}

// resolve turns an alias into the collection's own name.
func (r *registry) resolve(name string) string {
	if target, ok := r.folder.Aliases()[name]; ok && !r.exists(name) {
		return target
	}
	return name
}

func (r *registry) exists(name string) bool {
	return slices.Contains(r.folder.Collections(), name)
}

func (r *registry) create(name string, cfg folder.CollectionConfig) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.exists(name) {
		return status.Errorf(codes.AlreadyExists, "Wrong input: Collection `%s` already exists!", name)
	}
	if _, taken := r.folder.Aliases()[name]; taken {
		return status.Errorf(codes.AlreadyExists, "Wrong input: Alias `%s` already exists!", name)
	}
	return r.folder.CreateCollection(name, cfg)
}

// delete waits for calls on the collection to end; later ones find it gone.
func (r *registry) delete(name string) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.exists(name) {
		return false, nil // an alias is not deleted through its target's method
	}
	if c, ok := r.open[name]; ok {
		c.Close()
		delete(r.open, name)
	}
	return r.folder.DeleteCollection(name)
}

// update changes a collection's entry in meta.json through change.
func (r *registry) update(name string, change func(*folder.CollectionConfig) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	own := r.resolve(name)
	src, err := r.folder.Open(own)
	if errors.Is(err, folder.ErrNoCollection) {
		return noCollection(name)
	}
	if err != nil {
		return err
	}
	cfg := src.Config()
	if err := change(&cfg); err != nil {
		return err
	}
	if err := r.folder.UpdateCollection(own, cfg); err != nil {
		return err
	}
	if src, err = r.folder.Open(own); err != nil {
		return err
	}
	if c, ok := r.open[own]; ok {
		c.Replace(src)
	}
	return nil
}

// changeAliases applies change to a copy of the aliases and saves it.
func (r *registry) changeAliases(change func(aliases map[string]string) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	aliases := map[string]string{}
	maps.Copy(aliases, r.folder.Aliases())
	if err := change(aliases); err != nil {
		return err
	}
	return r.folder.SetAliases(aliases)
}
