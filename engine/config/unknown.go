package config

import (
	"strings"

	"qgen-sidecar/internal/nearest"
)

// unknownKey names the nearest known key of the same table; when none is near
// it lists them all.
func unknownKey(at, key string, fields map[string]int) error {
	known := sortedKeys(fields)
	reason := "unknown key; known here: " + strings.Join(known, ", ")
	if near := nearest.Of(key, known); near != "" {
		reason = "unknown key; did you mean " + join(at, near) + "?"
	}
	return &Error{Key: join(at, key), Reason: reason}
}
