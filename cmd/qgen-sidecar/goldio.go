package main

import (
	"cmp"
	"context"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"qgen-sidecar/cmd/qgen-sidecar/goldfile"
	"qgen-sidecar/cmd/qgen-sidecar/view"
	"qgen-sidecar/engine"
	"qgen-sidecar/engine/gold"
)

// goldImport adds a file's entries to the gold set, whole, all or none; one that
// is there already is counted once.
func goldImport(ctx context.Context, c *console, args []string) error {
	entries, err := goldfile.Read(args[0])
	if err != nil {
		return err
	}
	return c.withEngine(ctx, func(ctx context.Context, e *engine.Engine) error {
		r, err := e.GoldImport(ctx, entries)
		if err != nil {
			return err
		}
		return show(c, view.GoldImported{Count: r.Count, Read: len(entries)}, view.GoldImport)
	})
}

// goldExport writes the gold set: entries whole as they are in the file, or as
// other tools want them.
func goldExport(c *console, fs *pflag.FlagSet) action {
	var format string
	v := text("NAME", &format)
	v.oneOf = gold.Formats
	define(fs, "format", strings.Join(gold.Formats, ", ")+"; absent: by the file's name, else json", v)
	return func(ctx context.Context, args []string) error {
		file := strings.Join(args, "")
		if format == "" {
			format = cmp.Or(strings.TrimPrefix(filepath.Ext(file), "."), "json")
		}
		if err := oneOf(gold.Formats, format); err != nil {
			return usagef("--format: %v", err)
		}
		return c.writeGold(ctx, file, format)
	}
}

func (c *console) writeGold(ctx context.Context, file, format string) error {
	return c.withEngine(ctx, func(_ context.Context, e *engine.Engine) error {
		entries, err := e.GoldEntries()
		if err != nil {
			return err
		}
		data, err := goldfile.Write(entries, format)
		if err != nil {
			return err
		}
		if file == "" {
			_, err = c.stdout.Write(data)
			return err
		}
		return e.WriteGoldExport(file, format, data)
	})
}
