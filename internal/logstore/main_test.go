package logstore

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("QGEN_LOGSTORE_CHILD"); dir != "" {
		child(dir)
		return
	}
	os.Exit(m.Run())
}
