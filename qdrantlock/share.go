package qdrantlock

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"google.golang.org/grpc"

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
	listener, err := listenLoopback(cfg.Share)
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

// loopback reads host:port and refuses what others could reach: a share has no
// TLS.
func loopback(address string) (netAddress string, err error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("expected a loopback host:port such as 127.0.0.1:6334, found %q", address)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return "", fmt.Errorf("port %q is not from 0 to 65535", port)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	ip := net.ParseIP(host)
	if ip == nil || !ip.IsLoopback() {
		return "", fmt.Errorf("host %q is no loopback address; a share is for this machine only, use 127.0.0.1, ::1 or localhost", host)
	}
	return net.JoinHostPort(host, port), nil
}

func listenLoopback(address string) (net.Listener, error) {
	at, err := loopback(address)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", at)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w; choose another port, or 0 for any", at, errors.Unwrap(err))
	}
	return listener, nil
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
	if containsColon(host) {
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
