//go:build unix && !linux

package process

import "os"

// orphanSignal: elsewhere the ticker looks for the parent.
func orphanSignal() <-chan os.Signal { return nil }
