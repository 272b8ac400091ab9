// Package loopback says which addresses may be listened on: what the sidecar
// serves without TLS is for this machine alone.
package loopback

import (
	"errors"
	"fmt"
	"net"
	"strconv"
)

// Resolve checks a host:port and gives it with the host as a number; localhost
// is 127.0.0.1, whatever the resolver says.
func Resolve(address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("expected a loopback host:port such as 127.0.0.1:0, found %q", address)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return "", fmt.Errorf("expected a port from 0 to 65535, found %q", port)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return "", fmt.Errorf("expected a loopback address (127.0.0.1, ::1, localhost), found %q", host)
	}
	return net.JoinHostPort(host, port), nil
}

// Listen is net.Listen on such an address.
func Listen(address string) (net.Listener, error) {
	at, err := Resolve(address)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", at)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w; choose another port, or 0 for any", at, errors.Unwrap(err))
	}
	return listener, nil
}
