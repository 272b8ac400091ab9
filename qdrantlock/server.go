package qdrantlock

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"qgen-sidecar/internal/fault"
)

const (
	defaultPort = 6334
	healthWait  = 5 * time.Second
)

// openServer connects to a Qdrant server and asks it once for its health.
func openServer(ctx context.Context, cfg Config) (*Store, error) {
	host, port, secure, err := parseURL(cfg.URL)
	if err != nil {
		return nil, &StoreError{URL: shownURL(cfg.URL), Reason: "store.url: " + err.Error(), Err: err}
	}
	client, err := newClient(host, port, cfg.APIKey, secure)
	if err != nil {
		return nil, &StoreError{URL: cfg.URL, Reason: "no client can be made for this address: " + err.Error(), Err: err}
	}
	asked, cancel := context.WithTimeout(ctx, healthWait)
	defer cancel()
	if _, err := client.HealthCheck(asked); err != nil {
		client.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &StoreError{URL: cfg.URL, Reason: unreachable(err), Err: err}
	}
	return &Store{mode: ModeServer, client: client, closes: []func() error{client.Close}}, nil
}

// parseURL reads http(s)://host[:port]; the port is that of gRPC, 6334.
func parseURL(text string) (host string, port int, secure bool, err error) {
	u, err := url.Parse(text)
	if err != nil {
		return "", 0, false, errors.New("not a URL; expected http://host:6334 or https://host:6334")
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return "", 0, false, errors.New("expected http://host:6334 or https://host:6334")
	}
	if u.User != nil {
		return "", 0, false, errors.New("a URL must hold no user or password; name the key's variable in store.api_key_env")
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return "", 0, false, errors.New("expected nothing after the port: gRPC has no paths")
	}
	port = defaultPort
	if u.Port() != "" {
		if port, err = strconv.Atoi(u.Port()); err != nil || port < 1 || port > 65535 {
			return "", 0, false, fmt.Errorf("port %s is not from 1 to 65535", u.Port())
		}
	}
	host = u.Hostname()
	if strings.Contains(host, ":") {
		host = "[" + host + "]" // IPv6; the client joins host and port by itself
	}
	return host, port, u.Scheme == "https", nil
}

// shownURL leaves out what may be secret in a URL that is refused.
func shownURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "(not a URL)"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// unreachable says what to do about a server that did not answer.
func unreachable(err error) string {
	s := status.Convert(err)
	switch s.Code() {
	case codes.Unauthenticated, codes.PermissionDenied:
		return "the server refuses the API key; set store.api_key_env to the variable that holds it"
	case codes.DeadlineExceeded:
		return fmt.Sprintf("the server does not answer within %s; store.url must be its gRPC port (6334 unless changed)", healthWait)
	case codes.Unimplemented:
		return "what answers there is no Qdrant server; store.url must be its gRPC port (6334 unless changed)"
	}
	return fmt.Sprintf("the server cannot be reached: %s; store.url must be its gRPC port (6334 unless changed)", fault.Dialled(errors.New(s.Message())))
}
