package main

import (
	"encoding/json"
	"errors"

	"qgen-sidecar/cmd/qgen-sidecar/view"
)

// errSaid: it failed, and the output says so already.
var errSaid = errors.New("said already")

// show writes a result: as its view on a terminal, as JSON elsewhere and with --json.
func show[R any](c *console, result R, on func(*view.Page, R)) error {
	if c.bar != nil {
		c.bar.end()
	}
	if c.json || !c.terminal {
		enc := json.NewEncoder(c.stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(result)
	}
	page := view.NewPage(c.columns)
	on(page, result)
	_, err := c.stdout.Write([]byte(page.String()))
	return err
}
