package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"

	"github.com/hashicorp/go-hclog"
	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/qdrantlock"
)

// Store is the chunks, and the questions saved beside them. Safe for concurrent use.
type Store struct {
	cfg     *config.Config
	log     hclog.Logger
	version string // written into saved questions

	mu        sync.Mutex
	store     *qdrantlock.Store // nil before it is opened, and after it is closed
	closed    bool
	questions questionsShape // of the collection that questions are saved in
}

// questionsShape remembers that the collection for questions is there and what
// vectors it takes.
type questionsShape struct {
	mu   sync.Mutex
	size int // 0: not looked at yet
}

// New opens nothing yet.
func New(cfg *config.Config, log hclog.Logger, version string) *Store {
	return &Store{cfg: cfg, log: log, version: version}
}

// Open opens the store (nil StoreInfo without one). With store.lock = "lazy"
// it opens nothing and the first call that needs the store does.
func (st *Store) Open(ctx context.Context) (*api.StoreInfo, error) {
	if st.cfg.Store == nil || st.cfg.Store.Lock == "lazy" {
		return nil, nil
	}
	if _, err := st.openStore(ctx); err != nil {
		return nil, err
	}
	return st.StoreInfo(ctx)
}

// Close frees the lock. Idempotent.
func (st *Store) Close() error {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.closed = true
	if st.store == nil {
		return nil
	}
	store := st.store
	st.store = nil
	return store.Close()
}

// openStore is the store, opened now if it is not yet. A failure is not
// remembered: the holder of the lock may have gone by the next call.
func (st *Store) openStore(ctx context.Context) (*qdrantlock.Store, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	s := st.cfg.Store
	switch {
	case s == nil:
		return nil, &qdrantlock.StoreError{Reason: "no store is configured; add [store] with path or url to the config"}
	case st.closed:
		return nil, &qdrantlock.StoreError{Path: s.Path, URL: s.URL, Reason: "closed already"}
	case st.store != nil:
		return st.store, nil
	}
	if err := unsetStoreKey(s); err != nil {
		return nil, err
	}
	store, err := qdrantlock.Open(ctx, qdrantlock.Config{
		Path: s.Path, URL: s.URL, APIKey: os.Getenv(s.APIKeyEnv),
		Share: s.Share, ShareAPIKey: os.Getenv(s.ShareAPIKeyEnv), Logger: st.log.Named("store"),
	})
	if err != nil {
		return nil, err
	}
	st.store = store
	return store, nil
}

// unsetStoreKey: a key that is named must be there; a share without the wanted
// key would be one with another.
func unsetStoreKey(s *config.Store) error {
	for _, k := range []struct {
		key, variable string
		used          bool
	}{{"api_key_env", s.APIKeyEnv, s.URL != ""}, {"share_api_key_env", s.ShareAPIKeyEnv, s.Share != ""}} {
		if k.used && k.variable != "" && os.Getenv(k.variable) == "" {
			return &qdrantlock.StoreError{Path: s.Path, URL: s.URL, Reason: fmt.Sprintf("the environment variable %s is not set: set it to the key, or remove store.%s", k.variable, k.key)}
		}
	}
	return nil
}

// Ready opens the store if it is not open yet, and says whether it can be had:
// *qdrantlock.LockedError while another program holds it, *qdrantlock.StoreError
// else.
func (st *Store) Ready(ctx context.Context) error {
	_, err := st.openStore(ctx)
	return err
}

// client is Qdrant's own client of the opened store.
func (st *Store) client(ctx context.Context) (*qdrant.Client, error) {
	store, err := st.openStore(ctx)
	if err != nil {
		return nil, err
	}
	return store.Client(), nil
}

// StoreInfo is the store's state for status; nil without one or before it is
// open. With an error it says as much as is known without the store's answer.
func (st *Store) StoreInfo(ctx context.Context) (*api.StoreInfo, error) {
	st.mu.Lock()
	store := st.store
	st.mu.Unlock()
	if store == nil {
		return nil, nil
	}
	s := st.cfg.Store
	info := &api.StoreInfo{Mode: store.Mode(), Path: s.Path, URL: s.URL, Share: store.Share(), Warnings: store.Warnings(), Collections: []api.CollectionInfo{}}
	names, err := store.Client().ListCollections(ctx)
	if err != nil {
		return info, st.fault(ctx, "", err)
	}
	sort.Strings(names)
	for _, name := range names {
		// Exact on a folder, where it costs nothing; a server is not made to
		// count a hundred million points for a status line.
		exact := store.Mode() != qdrantlock.ModeServer
		n, err := store.Client().Count(ctx, &qdrant.CountPoints{CollectionName: name, Exact: &exact})
		if status.Code(err) == codes.Internal { // it cannot be read; the others can
			if store.Mode() != qdrantlock.ModeFolder { // of a folder, Warnings says it
				info.Warnings = append(info.Warnings, st.fault(ctx, name, err).Error())
			}
			continue
		}
		if err != nil {
			return info, st.fault(ctx, name, err)
		}
		info.Collections = append(info.Collections, api.CollectionInfo{Name: name, Points: n})
	}
	return info, nil
}

// Collection is the one named, else the config's.
func (st *Store) Collection(named string) string {
	if named == "" && st.cfg.Store != nil {
		return st.cfg.Store.Collection
	}
	return named
}

// NoCollection: the store is there, the collection is not.
func NoCollection(err error) bool {
	var fault *qdrantlock.StoreError
	return errors.As(err, &fault) && fault.Err != nil && status.Code(fault.Err) == codes.NotFound
}

// fault turns the client's errors into *qdrantlock.StoreError, but for the
// caller's own end.
func (st *Store) fault(ctx context.Context, collection string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return api.Ended(ctx)
	}
	var known *qdrantlock.StoreError
	if errors.As(err, &known) {
		return err
	}
	fault := &qdrantlock.StoreError{Path: st.cfg.Store.Path, URL: st.cfg.Store.URL, Collection: collection, Err: err}
	switch status.Code(err) {
	case codes.NotFound:
		fault.Reason = "the collection does not exist" + st.knownCollections(ctx)
	case codes.Unavailable:
		fault.Reason = "cannot be reached: " + statusMessage(err)
	case codes.Unauthenticated, codes.PermissionDenied:
		fault.Reason = "refused the API key (store.api_key_env): " + statusMessage(err)
	default:
		fault.Reason = statusMessage(err)
	}
	return fault
}

func statusMessage(err error) string {
	var s interface{ GRPCStatus() *status.Status }
	if errors.As(err, &s) {
		return s.GRPCStatus().Message()
	}
	return err.Error()
}

func (st *Store) knownCollections(ctx context.Context) string {
	client, err := st.client(ctx)
	if err != nil {
		return ""
	}
	names, err := client.ListCollections(ctx)
	if err != nil || len(names) == 0 {
		return "; there is none"
	}
	sort.Strings(names)
	return "; there are: " + strings.Join(names, ", ")
}
