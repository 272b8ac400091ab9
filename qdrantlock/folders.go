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
// It works beside the lock's holder; what is wrong is in the report.
func CheckFolder(ctx context.Context, path string) (FolderReport, error) {
	r, err := folder.Check(ctx, path)
	return r, storeError(err)
}

// FolderStats counts points and bytes; it works beside the lock's holder.
func FolderStats(ctx context.Context, path string) (FolderStatsReport, error) {
	r, err := folder.ReadStats(ctx, path)
	return r, storeError(err)
}

// CompactFolder gives deleted rows' room back to the disk; it needs the lock,
// so it fails with a *LockedError while anybody uses the folder.
func CompactFolder(ctx context.Context, path string) (r FolderCompactReport, err error) {
	f, err := folder.Open(path, nil)
	if err != nil {
		return r, storeError(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r, err = f.Compact(ctx)
	return r, storeError(err)
}
