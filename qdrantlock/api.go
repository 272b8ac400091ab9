package qdrantlock

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/hashicorp/go-hclog"
	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/qdrantlock/folder"
)

// Mode says what stands behind the client.
type Mode string

const (
	ModeFolder Mode = "folder" // this process holds the folder's lock
	ModeShared Mode = "shared" // another qgen-sidecar holds it and shares it
	ModeServer Mode = "server" // a Qdrant server or cluster
)

// Config: exactly one of Path and URL.
type Config struct {
	Path        string // folder of the Python client's local mode; never created
	URL         string // a server's gRPC address, http:// or https://
	APIKey      string // of the server
	Share       string // loopback host:port to serve the folder on; "" not shared, port 0 any
	ShareAPIKey string // "": a random key
	Logger      hclog.Logger
}

// Share is where other clients reach a shared folder.
type Share struct {
	Host     string `json:"host" doc:"loopback address"`
	GRPCPort int    `json:"grpc_port" doc:"port of its gRPC"`
	APIKey   string `json:"api_key,omitempty" doc:"key that clients need"`
}

// Store is exclusive access to a folder, or a connection to a server or to
// another sidecar's share. Safe for concurrent use.
type Store struct {
	mode   Mode
	client *qdrant.Client
	share  *Share
	folder *folder.Folder // nil unless ModeFolder

	once   sync.Once
	closes []func() error // in the order they are to be called
	err    error
}

// Open takes the folder's lock (or finds the share of the sidecar that holds
// it, or connects to the server) and hands out the one client. It fails with a
// *LockedError or a *StoreError.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Logger == nil {
		cfg.Logger = hclog.NewNullLogger()
	}
	switch {
	case cfg.Path != "" && cfg.URL != "":
		return nil, &StoreError{Path: cfg.Path, URL: cfg.URL, Reason: "store.path and store.url are both set; expected one of them"}
	case cfg.Path != "":
		return openPath(ctx, cfg)
	case cfg.URL != "":
		return openServer(ctx, cfg)
	}
	return nil, &StoreError{Reason: "neither store.path nor store.url is set; expected one of them"}
}

// Client is Qdrant's own Go client, whatever the mode.
func (s *Store) Client() *qdrant.Client { return s.client }

// Mode says what stands behind Client.
func (s *Store) Mode() Mode { return s.mode }

// Share is nil when the folder is not served to others by this process (or,
// in ModeShared, the share in use).
func (s *Store) Share() *Share {
	if s.share == nil {
		return nil
	}
	share := *s.share
	return &share
}

// Warnings lists rows and collections that could not be read so far, as
// sentences.
func (s *Store) Warnings() []string {
	if s.folder == nil {
		return nil
	}
	var warnings []string
	for _, name := range s.folder.Collections() {
		c, err := s.folder.Collection(name)
		if errors.Is(err, folder.ErrClosed) || errors.Is(err, folder.ErrNoCollection) {
			continue
		}
		if err != nil {
			warnings = append(warnings, err.Error())
			continue
		}
		for _, row := range c.BadRows() {
			warnings = append(warnings, fmt.Sprintf("%s; the row is left as it is", row))
		}
	}
	return warnings
}

// Close ends the share, waits for writes under way, closes the files and frees
// the lock, in this order. Idempotent.
func (s *Store) Close() error {
	s.once.Do(func() {
		var all []error
		for _, end := range s.closes {
			all = append(all, end())
		}
		s.err = errors.Join(all...)
	})
	return s.err
}
