package qdrantlock

import (
	"context"
	"errors"
	"time"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"

	"qgen-sidecar/internal/loopback"
	"qgen-sidecar/qdrantlock/folder"
	"qgen-sidecar/qdrantlock/serve"
)

// A holder that has just taken the lock needs a moment until its share is
// registered, and one that dies leaves both behind for a moment. So a held
// folder is looked at a few times before it is called locked.
const (
	lockTries = 10
	lockPause = 50 * time.Millisecond
)

// openPath opens the folder here, or the share of the sidecar that has it.
func openPath(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Share != "" {
		if _, err := loopback.Resolve(cfg.Share); err != nil {
			return nil, &StoreError{Path: cfg.Path, Reason: "store.share: " + err.Error(), Err: err}
		}
	}
	for try := 1; ; try++ {
		f, err := folder.Open(cfg.Path, cfg.Logger.Named("folder"))
		if err == nil {
			return serveFolder(f, cfg)
		}
		var held *LockedError
		if !errors.As(err, &held) {
			return nil, storeError(err)
		}
		if store := openShared(ctx, held.Path); store != nil {
			return store, nil
		}
		if try == lockTries {
			return nil, held
		}
		if err := pause(ctx, lockPause); err != nil {
			return nil, err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// storeError turns the folder's error into this package's.
func storeError(err error) error {
	var bad *folder.Error
	if !errors.As(err, &bad) {
		return err
	}
	reason := bad.Reason
	if bad.Err != nil {
		reason += ": " + bad.Err.Error()
	}
	return &StoreError{Path: bad.Path, Collection: bad.Collection, Reason: reason, Err: err}
}

// serveFolder serves a held folder inside the process, and on loopback if asked.
func serveFolder(f *folder.Folder, cfg Config) (*Store, error) {
	server := serve.New(f, cfg.Logger.Named("serve"))
	s := &Store{mode: ModeFolder, folder: f}
	s.closes = []func() error{
		func() error { server.Stop(); return nil },
		f.Close,
	}
	var err error
	s.client, err = directClient(server)
	if err == nil {
		s.closes = append([]func() error{s.client.Close}, s.closes...)
		err = s.startShare(server, cfg)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// directClient calls the service in this process: no key, no connection.
func directClient(server *serve.Server) (*qdrant.Client, error) {
	return newClient("127.0.0.1", 6334, "", false, grpc.WithChainUnaryInterceptor(server.Direct()))
}
