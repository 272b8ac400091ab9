package main

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"strings"

	"qgen-sidecar/cmd/qgen-sidecar/goldfile"
	"qgen-sidecar/cmd/qgen-sidecar/view"
	"qgen-sidecar/engine"
	"qgen-sidecar/engine/gold"
)

// goldImport adds a file's entries to the gold set, whole, all or none; one that
// is there already is counted once.
func goldImport(ctx context.Context, c *console, args []string) error {
	rest, err := c.parseMixed(c.flagSet("gold import"), args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usagef("expected one file: qgen-sidecar gold import FILE")
	}
	entries, err := goldfile.Read(rest[0])
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
func goldExport(ctx context.Context, c *console, args []string) error {
	fs := c.flagSet("gold export")
	format := fs.String("format", "", strings.Join(gold.Formats, ", ")+"; absent: by the file's name, else json")
	rest, err := c.parseMixed(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 1 {
		return usagef("gold export takes one file, found %d arguments", len(rest))
	}
	file := strings.Join(rest, "")
	if *format == "" {
		*format = cmp.Or(strings.TrimPrefix(filepath.Ext(file), "."), "json")
	}
	if !slices.Contains(gold.Formats, *format) {
		return usagef("--format: expected one of %s, found %q", strings.Join(gold.Formats, ", "), *format)
	}
	return c.withEngine(ctx, func(_ context.Context, e *engine.Engine) error {
		entries, err := e.GoldEntries()
		if err != nil {
			return err
		}
		data, err := goldfile.Write(entries, *format)
		if err != nil {
			return err
		}
		if file == "" {
			_, err = c.stdout.Write(data)
			return err
		}
		return e.WriteGoldExport(file, *format, data)
	})
}
