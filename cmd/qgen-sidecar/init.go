package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/pflag"

	"qgen-sidecar/cmd/qgen-sidecar/view"
	"qgen-sidecar/engine/store"
	"qgen-sidecar/qdrantlock"
)

// initConfig looks at a store and writes a config that fits it. It changes
// nothing in the store and never overwrites a file.
func initConfig(c *console, fs *pflag.FlagSet) action {
	output, chosen := "qgen.toml", ""
	define(fs, "output", "the file to write; default qgen.toml", text("FILE", &output))
	define(fs, "collection", "the chunks' collection; absent: the largest with a text", text("TEXT", &chosen))
	return func(ctx context.Context, args []string) error {
		return c.writeConfig(ctx, strings.Join(args, ""), output, chosen)
	}
}

func (c *console) writeConfig(ctx context.Context, where, output, chosen string) (err error) {
	if _, err := os.Stat(output); err == nil {
		return fmt.Errorf("%s is there already; nothing was changed. Move it away, or choose another name with --output", output)
	}
	if where == "" {
		if where, err = findFolder("."); err != nil {
			return err
		}
	}
	found, err := c.look(ctx, where)
	if err != nil {
		return err
	}
	plan, err := propose(found, chosen)
	if err != nil {
		return err
	}
	if err := writeNew(output, []byte(plan.toml(where, output))); err != nil {
		return err
	}
	plan.Output = output
	return show(c, plan.Proposal, view.Proposed)
}

// findFolder looks for a folder that Python's local mode wrote: ./qdrant_db,
// else the one child that has its meta.json.
func findFolder(dir string) (string, error) {
	matches, err := filepath.Glob(filepath.Join(dir, "*", "meta.json"))
	if err != nil {
		return "", err
	}
	var folders []string
	for _, f := range matches {
		folder := filepath.Dir(f)
		if folder == "qdrant_db" {
			return folder, nil
		}
		if _, err := os.Stat(filepath.Join(folder, "collection")); err == nil {
			folders = append(folders, folder)
		}
	}
	switch len(folders) {
	case 0:
		return "", usagef("no store folder found here; name it: qgen-sidecar init FOLDER, or init http://host:6334")
	case 1:
		return folders[0], nil
	}
	return "", usagef("several store folders found (%s); name one: qgen-sidecar init FOLDER", strings.Join(folders, ", "))
}

// look describes the collections of the store at a path or URL.
func (c *console) look(ctx context.Context, where string) ([]store.Description, error) {
	cfg := qdrantlock.Config{Logger: c.logger(hclog.Error)}
	if strings.Contains(where, "://") {
		cfg.URL, cfg.APIKey = where, os.Getenv("QDRANT_API_KEY")
	} else if path, err := filepath.Abs(where); err == nil {
		cfg.Path = path
	}
	return store.Describe(ctx, cfg, c.logger(hclog.Warn))
}

// writeNew creates a file that must not exist; a half-written one is removed.
func writeNew(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already; nothing was changed", path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		os.Remove(path)
	}
	return err
}
