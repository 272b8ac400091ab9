package api

import (
	"qgen-sidecar/qdrantlock"
)

// StoreInfo is initialize's and status's store object; nil without a store.
type StoreInfo struct {
	Mode        qdrantlock.Mode   `json:"mode" enum:"StoreMode" doc:"folder, server or shared (the share of another sidecar)"`
	Path        string            `json:"path,omitempty" doc:"the folder"`
	URL         string            `json:"url,omitempty" doc:"the server"`
	Collections []CollectionInfo  `json:"collections" doc:"the collections that can be read"`
	Share       *qdrantlock.Share `json:"share,omitempty" doc:"where the folder is shared; absent: it is not"`
	Warnings    []string          `json:"warnings,omitempty" doc:"what cannot be read"`
}

type CollectionInfo struct {
	Name   string `json:"name" doc:"its name"`
	Points uint64 `json:"points" doc:"points in it; about, on a server"`
}
