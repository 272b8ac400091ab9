package qdrantlock

import (
	"context"
	"errors"

	"qgen-sidecar/qdrantlock/folder"
)

// Reports of the people's commands `folder check`, `folder stats` and
// `folder compact`, with JSON tags.
type (
	FolderReport        = folder.Report
	FolderStatsReport   = folder.StatsReport
	FolderCompactReport = folder.CompactReport
)

// CheckFolder reads every file and row of a store folder and changes nothing.
func CheckFolder(ctx context.Context, path string) (FolderReport, error) {
	return FolderReport{}, errors.New("qdrantlock: not built yet")
}

// FolderStats counts rows and bytes; it works beside the lock's holder.
func FolderStats(ctx context.Context, path string) (FolderStatsReport, error) {
	return FolderStatsReport{}, errors.New("qdrantlock: not built yet")
}

// CompactFolder gives deleted rows' room back to the disk; it needs the lock.
func CompactFolder(ctx context.Context, path string) (FolderCompactReport, error) {
	return FolderCompactReport{}, errors.New("qdrantlock: not built yet")
}
