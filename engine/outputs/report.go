package outputs

import (
	"io"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/report"
)

// Reportable finds out before anything is paid for whether a report can be
// written there, with the two files beside it; "" is none.
func (g *Guard) Reportable(path string, kind report.Kind) error {
	if path == "" {
		return nil
	}
	if reason := report.BadName(path); reason != "" {
		return &api.FileError{Path: files.Abs(path), Reason: reason}
	}
	if err := g.MayReport(files.Abs(path), kind); err != nil {
		return err
	}
	return Writable(files.Abs(path))
}

// MayReport is [Guard.MayWrite] of each of a report's files.
func (g *Guard) MayReport(path string, kind report.Kind) error {
	for _, holds := range report.Files(path, kind) {
		own := Kind{Name: holds.Name, Check: func(f io.Reader) (int, string, error) {
			ok, err := holds.Own(f)
			if err == nil && !ok {
				return 0, "something else", nil
			}
			return 0, "", err
		}}
		if err := g.MayWrite(holds.Path, own); err != nil {
			return err
		}
	}
	return nil
}
