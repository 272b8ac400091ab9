package main

import (
	"context"
	"fmt"

	"qgen-sidecar/qdrantlock"
)

func folderCheck(ctx context.Context, m *Main, args []string) error {
	path, err := m.folderPath("folder check", args)
	if err != nil {
		return err
	}
	r, err := qdrantlock.CheckFolder(ctx, path)
	if err != nil {
		return err
	}
	if err := m.print(r); err != nil {
		return err
	}
	if !r.OK {
		return fmt.Errorf("%s: %d problems, see above", path, len(r.Problems))
	}
	return nil
}

func folderStats(ctx context.Context, m *Main, args []string) error {
	path, err := m.folderPath("folder stats", args)
	if err != nil {
		return err
	}
	r, err := qdrantlock.FolderStats(ctx, path)
	if err != nil {
		return err
	}
	return m.print(r)
}

func folderCompact(ctx context.Context, m *Main, args []string) error {
	path, err := m.folderPath("folder compact", args)
	if err != nil {
		return err
	}
	r, err := qdrantlock.CompactFolder(ctx, path)
	if err != nil {
		return err
	}
	return m.print(r)
}

// folderPath is the argument, else the config's store.path.
func (m *Main) folderPath(name string, args []string) (string, error) {
	rest, err := m.parseMixed(m.flagSet(name), args)
	switch {
	case err != nil:
		return "", err
	case len(rest) == 1:
		return rest[0], nil
	case len(rest) > 1:
		return "", usagef("%s takes one folder, found %d arguments", name, len(rest))
	}
	cfg, err := m.loadConfig()
	if err != nil {
		return "", err
	}
	if cfg.Store == nil || cfg.Store.Path == "" {
		return "", usagef("which folder? qgen-sidecar %s FOLDER, or store.path in the config", name)
	}
	return cfg.Store.Path, nil
}
