package qdrantlock

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net"
	"strings"
	"time"

	"google.golang.org/grpc"

	"qgen-sidecar/internal/loopback"
	"qgen-sidecar/qdrantlock/serve"
)

// startShare serves the folder on a loopback address too, and registers it for
// other sidecars of this user.
func (s *Store) startShare(server *serve.Server, cfg Config) error {
	if cfg.Share == "" {
		return nil
	}
	key := cfg.ShareAPIKey
	if key == "" {
		key = randomKey()
	}
	listener, err := loopback.Listen(cfg.Share)
	if err != nil {
		return &StoreError{Path: s.folder.Path(), Reason: "store.share: " + err.Error(), Err: err}
	}
	at := listener.Addr().(*net.TCPAddr)
	s.share = &Share{Host: at.IP.String(), GRPCPort: at.Port, APIKey: key}
	log := cfg.Logger.Named("share")
	go func() {
		if err := server.Serve(listener, key); err != nil {
			log.Error("the share ended", "error", err)
		}
	}()
	registered, err := register(s.folder.Path(), *s.share)
	if err != nil {
		log.Warn("other sidecars cannot find this share", "error", err)
	}
	s.closes = append([]func() error{registered.remove}, s.closes...)
	log.Info("the folder is shared", "host", s.share.Host, "grpc_port", s.share.GRPCPort)
	return nil
}

// randomKey has 32 random bytes, as hex.
func randomKey() string {
	var key [32]byte
	rand.Read(key[:]) // never fails
	return hex.EncodeToString(key[:])
}

// shareWait bounds the proof that a registered share answers.
const shareWait = 2 * time.Second

// openShared connects to the share of another sidecar that holds path; nil if
// there is none, or none that answers to its key.
func openShared(ctx context.Context, path string) *Store {
	share, ok := findShare(path)
	if !ok {
		return nil
	}
	host := share.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	client, err := newClient(host, share.GRPCPort, share.APIKey, false, grpc.WithNoProxy())
	if err != nil {
		return nil
	}
	asked, cancel := context.WithTimeout(ctx, shareWait)
	defer cancel()
	if _, err := client.HealthCheck(asked); err != nil {
		client.Close()
		return nil
	}
	return &Store{mode: ModeShared, client: client, share: &share, closes: []func() error{client.Close}}
}
