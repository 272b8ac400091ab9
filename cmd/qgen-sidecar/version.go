package main

import (
	"context"
	"runtime"
	"runtime/debug"

	"qgen-sidecar/cmd/qgen-sidecar/view"
)

// version is set by the linker: -X main.version=1.2.3.
var version = "dev"

func printVersion(_ context.Context, c *console, _ []string) error {
	v := view.VersionInfo{Version: version, Commit: "unknown", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				v.Commit = s.Value + v.Commit[len("unknown"):]
			case s.Key == "vcs.modified" && s.Value == "true":
				v.Commit += " (changed)"
			}
		}
	}
	return show(c, v, view.Version)
}
