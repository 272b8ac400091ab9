package config

import "path/filepath"

// StatePath is a place in the folder .qgen beside files.program, where the sidecar
// keeps what it needs again: copies of programs, journals without an output.
func (c *Config) StatePath(elem ...string) string {
	return filepath.Join(append([]string{filepath.Dir(c.Files.Program), ".qgen"}, elem...)...)
}
