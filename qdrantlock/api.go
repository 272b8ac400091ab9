package qdrantlock

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/go-hclog"
	"github.com/qdrant/go-client/qdrant"
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
	Host     string `json:"host"`
	GRPCPort int    `json:"grpc_port"`
	APIKey   string `json:"api_key"`
}

// LockedError: another process holds the folder.
type LockedError struct {
	Path      string
	HolderPID int // 0: not known
}

func (e *LockedError) Error() string {
	who := "another process"
	if e.HolderPID > 0 {
		who = fmt.Sprintf("process %d", e.HolderPID)
	}
	return fmt.Sprintf("store folder %s is locked by %s: one client at a time may open it; close that client, or let it be a qgen-sidecar with store.share", e.Path, who)
}

// StoreError: the store cannot be used as asked. Collection is "" when the
// whole store is meant.
type StoreError struct {
	Path, URL  string
	Collection string
	Reason     string
	Err        error
}

func (e *StoreError) Error() string {
	where := e.Path
	if where == "" {
		where = e.URL
	}
	if e.Collection != "" {
		return fmt.Sprintf("store %s, collection %q: %s", where, e.Collection, e.Reason)
	}
	return fmt.Sprintf("store %s: %s", where, e.Reason)
}

func (e *StoreError) Unwrap() error { return e.Err }

// Store is exclusive access to a folder, or a connection to a server or to
// another sidecar's share. Safe for concurrent use.
type Store struct{}

// Open takes the folder's lock (or finds the share of the sidecar that holds
// it, or connects to the server) and hands out the one client.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	return nil, errors.New("qdrantlock: not built yet")
}

// Client is Qdrant's own Go client, whatever the mode.
func (s *Store) Client() *qdrant.Client { return nil }

// Mode says what stands behind Client.
func (s *Store) Mode() Mode { return "" }

// Share is nil when the folder is not served to others by this process (or,
// in ModeShared, the share in use).
func (s *Store) Share() *Share { return nil }

// Warnings lists rows and collections that could not be read, as sentences.
func (s *Store) Warnings() []string { return nil }

// Close flushes, frees the lock and ends the share. Idempotent.
func (s *Store) Close() error { return nil }
