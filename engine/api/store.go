package api

import (
	"qgen-sidecar/qdrantlock"
)

// StoreInfo is initialize's and status's store object; nil without a store.
type StoreInfo struct {
	Mode        qdrantlock.Mode   `json:"mode"`
	Path        string            `json:"path,omitempty"`
	URL         string            `json:"url,omitempty"`
	Collections []CollectionInfo  `json:"collections"`
	Share       *qdrantlock.Share `json:"share,omitempty"`
	Warnings    []string          `json:"warnings,omitempty"`
}

type CollectionInfo struct {
	Name   string `json:"name"`
	Points uint64 `json:"points"`
}
