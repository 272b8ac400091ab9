package main

import (
	"context"
	"fmt"

	"qgen-sidecar/cmd/qgen-sidecar/view"
	"qgen-sidecar/qdrantlock"
)

func folderCheck(ctx context.Context, c *console, args []string) error {
	path, err := c.folderPath("folder check", args)
	if err != nil {
		return err
	}
	r, err := qdrantlock.CheckFolder(ctx, path)
	if err != nil {
		return err
	}
	if err := show(c, r, view.FolderCheck); err != nil {
		return err
	}
	if !r.OK {
		return fmt.Errorf("%s: %d problems, see above", path, len(r.Problems))
	}
	return nil
}

func folderStats(ctx context.Context, c *console, args []string) error {
	path, err := c.folderPath("folder stats", args)
	if err != nil {
		return err
	}
	r, err := qdrantlock.FolderStats(ctx, path)
	if err != nil {
		return err
	}
	return show(c, r, view.FolderStats)
}

func folderCompact(ctx context.Context, c *console, args []string) error {
	path, err := c.folderPath("folder compact", args)
	if err != nil {
		return err
	}
	r, err := qdrantlock.CompactFolder(ctx, path)
	if err != nil {
		return err
	}
	return show(c, r, view.FolderCompact)
}

// folderPath is the argument, else the config's store.path.
func (c *console) folderPath(name string, args []string) (string, error) {
	if len(args) == 1 {
		return args[0], nil
	}
	cfg, err := c.loadConfig()
	if err != nil {
		return "", err
	}
	if cfg.Store == nil || cfg.Store.Path == "" {
		return "", usagef("which folder? qgen-sidecar %s FOLDER, or store.path in the config", name)
	}
	return cfg.Store.Path, nil
}
