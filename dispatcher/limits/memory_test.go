package limits_test

import (
	"fmt"
	"testing"

	"qgen-sidecar/dispatcher/limits"
)

// Findings of other endpoints, and of other processes, stay in the file.
func TestFindingsOfOthersAreKept(t *testing.T) {
	m := limits.NewMemory(t.TempDir())
	for i := range 3 {
		if err := m.Save([]limits.Finding{{Name: fmt.Sprint(i % 2), BaseURL: "x", RPM: float64(i)}}); err != nil {
			t.Fatal(err)
		}
	}
	if found, err := m.Load(); err != nil || len(found) != 2 || found[0].RPM != 2 || found[1].RPM != 1 {
		t.Errorf("found %+v, error %v", found, err)
	}
}
