package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sort"
	"strings"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/qdrantlock"
)

// Open opens the store (nil StoreInfo without one). With store.lock = "lazy"
// it opens nothing and the first call that needs the store does.
func (e *Engine) Open(ctx context.Context) (*api.StoreInfo, error) {
	if e.cfg.Store == nil || e.cfg.Store.Lock == "lazy" {
		return nil, nil
	}
	if _, err := e.openStore(ctx); err != nil {
		return nil, err
	}
	return e.StoreInfo(ctx)
}

// openStore is the store, opened now if it is not yet. A failure is not
// remembered: the holder of the lock may have gone by the next call.
func (e *Engine) openStore(ctx context.Context) (*qdrantlock.Store, error) {
	e.storeMu.Lock()
	defer e.storeMu.Unlock()
	s := e.cfg.Store
	switch {
	case s == nil:
		return nil, &qdrantlock.StoreError{Reason: "no store is configured; add [store] with path or url to the config"}
	case e.closed:
		return nil, &qdrantlock.StoreError{Path: s.Path, URL: s.URL, Reason: "closed already"}
	case e.store != nil:
		return e.store, nil
	}
	if err := unsetStoreKey(s); err != nil {
		return nil, err
	}
	store, err := qdrantlock.Open(ctx, qdrantlock.Config{
		Path: s.Path, URL: s.URL, APIKey: os.Getenv(s.APIKeyEnv),
		Share: s.Share, ShareAPIKey: os.Getenv(s.ShareAPIKeyEnv), Logger: e.log.Named("store"),
	})
	if err != nil {
		return nil, err
	}
	e.store = store
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

// client is Qdrant's own client of the opened store.
func (e *Engine) client(ctx context.Context) (*qdrant.Client, error) {
	store, err := e.openStore(ctx)
	if err != nil {
		return nil, err
	}
	return store.Client(), nil
}

// StoreInfo is the store's state for status; nil without one or before it is
// open. With an error it says as much as is known without the store's answer.
func (e *Engine) StoreInfo(ctx context.Context) (*api.StoreInfo, error) {
	e.storeMu.Lock()
	store := e.store
	e.storeMu.Unlock()
	if store == nil {
		return nil, nil
	}
	s := e.cfg.Store
	info := &api.StoreInfo{Mode: store.Mode(), Path: s.Path, URL: s.URL, Share: store.Share(), Warnings: store.Warnings(), Collections: []api.CollectionInfo{}}
	names, err := store.Client().ListCollections(ctx)
	if err != nil {
		return info, e.storeFault(ctx, "", err)
	}
	sort.Strings(names)
	for _, name := range names {
		// Exact on a folder, where it costs nothing; a server is not made to
		// count a hundred million points for a status line.
		exact := store.Mode() != qdrantlock.ModeServer
		n, err := store.Client().Count(ctx, &qdrant.CountPoints{CollectionName: name, Exact: &exact})
		if status.Code(err) == codes.Internal { // it cannot be read; the others can
			if store.Mode() != qdrantlock.ModeFolder { // of a folder, Warnings says it
				info.Warnings = append(info.Warnings, e.storeFault(ctx, name, err).Error())
			}
			continue
		}
		if err != nil {
			return info, e.storeFault(ctx, name, err)
		}
		info.Collections = append(info.Collections, api.CollectionInfo{Name: name, Points: n})
	}
	return info, nil
}

// storeFault turns the client's errors into *qdrantlock.StoreError, but for the
// caller's own end.
func (e *Engine) storeFault(ctx context.Context, collection string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return lm.Ended(ctx)
	}
	var known *qdrantlock.StoreError
	if errors.As(err, &known) {
		return err
	}
	fault := &qdrantlock.StoreError{Path: e.cfg.Store.Path, URL: e.cfg.Store.URL, Collection: collection, Err: err}
	switch status.Code(err) {
	case codes.NotFound:
		fault.Reason = "the collection does not exist" + e.knownCollections(ctx)
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

func (e *Engine) knownCollections(ctx context.Context) string {
	client, err := e.client(ctx)
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

// getPoints reads points by id; those that are gone are left out.
func (e *Engine) getPoints(ctx context.Context, collection string, ids []*qdrant.PointId) (map[string]*qdrant.RetrievedPoint, error) {
	client, err := e.client(ctx)
	if err != nil {
		return nil, err
	}
	points, err := client.Get(ctx, &qdrant.GetPoints{CollectionName: collection, Ids: ids, WithPayload: qdrant.NewWithPayload(true)})
	if err != nil {
		return nil, e.storeFault(ctx, collection, err)
	}
	byID := make(map[string]*qdrant.RetrievedPoint, len(points))
	for _, p := range points {
		byID[idKey(p.GetId())] = p
	}
	return byID, nil
}

// textsOf reads the texts of chunks, by idKey; those that are gone or have none are
// left out. An id may come more than once.
func (e *Engine) textsOf(ctx context.Context, collection string, ids []*qdrant.PointId) (map[string]string, error) {
	different := map[string]*qdrant.PointId{}
	for _, id := range ids {
		different[idKey(id)] = id
	}
	texts := map[string]string{}
	if len(different) == 0 {
		return texts, nil
	}
	chunks, err := e.getPoints(ctx, collection, slices.Collect(maps.Values(different)))
	for key, chunk := range chunks {
		if text, ok := e.chunkText(chunk.GetPayload()); ok {
			texts[key] = text
		}
	}
	return texts, err
}

// scroll calls fn for each page of a collection, in id order, until it ends.
func (e *Engine) scroll(ctx context.Context, collection string, filter *qdrant.Filter, page int, payload bool, fn func([]*qdrant.RetrievedPoint) error) error {
	client, err := e.client(ctx)
	if err != nil {
		return err
	}
	limit := uint32(page)
	request := &qdrant.ScrollPoints{CollectionName: collection, Filter: filter, Limit: &limit,
		WithPayload: qdrant.NewWithPayload(payload), WithVectors: qdrant.NewWithVectors(false)}
	for {
		points, next, err := client.ScrollAndOffset(ctx, request)
		if err != nil {
			return e.storeFault(ctx, collection, err)
		}
		if err := fn(points); err != nil {
			return err
		}
		if next == nil {
			return nil
		}
		request.Offset = next
	}
}

// allIDs reads every id that matches, without payloads.
func (e *Engine) allIDs(ctx context.Context, collection string, filter *qdrant.Filter, seen func(n int)) ([]*qdrant.PointId, error) {
	var ids []*qdrant.PointId
	err := e.scroll(ctx, collection, filter, 10_000, false, func(page []*qdrant.RetrievedPoint) error {
		for _, p := range page {
			ids = append(ids, p.GetId())
		}
		seen(len(ids))
		return nil
	})
	return ids, err
}

// idKey is an id as a map key; the u keeps a number and a text apart.
func idKey(id *qdrant.PointId) string {
	if u := id.GetUuid(); u != "" {
		return "u" + u
	}
	return fmt.Sprint(id.GetNum())
}

// sortIDs puts ids into the client's own order: numbers ascending, then UUIDs.
func sortIDs(ids []*qdrant.PointId) {
	sort.Slice(ids, func(i, j int) bool {
		a, b := ids[i], ids[j]
		if (a.GetUuid() == "") != (b.GetUuid() == "") {
			return a.GetUuid() == ""
		}
		if a.GetUuid() != "" {
			return a.GetUuid() < b.GetUuid()
		}
		return a.GetNum() < b.GetNum()
	})
}
