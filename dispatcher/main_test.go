package dispatcher

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("QGEN_JOURNAL_CHILD"); dir != "" {
		journalChild(dir)
		return
	}
	goleak.VerifyTestMain(m)
}
