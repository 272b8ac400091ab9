package process

import "os"

// TakeStdout keeps the real standard output for the protocol and lets the
// process's own prints go to standard error.
func TakeStdout() (*os.File, error) {
	out := os.Stdout
	os.Stdout = os.Stderr
	return out, nil
}
