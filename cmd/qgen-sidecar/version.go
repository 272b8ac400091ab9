package main

import (
	"context"
	"runtime"
	"runtime/debug"
)

// version is set by the linker: -X main.version=1.2.3.
var version = "dev"

// versionInfo is what `version` prints.
type versionInfo struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

func printVersion(_ context.Context, c *console, args []string) error {
	if err := c.noArguments("version", args); err != nil {
		return err
	}
	v := versionInfo{Version: version, Commit: "unknown", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
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
	return c.print(v)
}
