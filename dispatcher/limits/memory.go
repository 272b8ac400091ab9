package limits

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"qgen-sidecar/internal/atomicfile"
)

// Memory keeps findings in a file, so that the next process need not be refused
// again to know them. Several processes may share it: each writes the endpoints
// that it has found something about, over those of the same name and address.
type Memory struct {
	path string // "": off
}

// NewMemory is the file limits.json of a folder, which need not be there yet; "" is
// no memory.
func NewMemory(folder string) Memory {
	if folder == "" {
		return Memory{}
	}
	return Memory{filepath.Join(folder, "limits.json")}
}

// Load reads the findings; a file that cannot be read holds none.
func (m Memory) Load() ([]Finding, error) {
	raw, err := os.ReadFile(m.path)
	if errors.Is(err, os.ErrNotExist) || m.path == "" {
		return nil, nil
	}
	var found []Finding
	if err == nil {
		err = json.Unmarshal(raw, &found)
	}
	if err != nil {
		return nil, fmt.Errorf("limits found in earlier runs cannot be read and are learned anew: %w", err)
	}
	return found, nil
}

// Save writes findings over the file's own of the same endpoints and models.
func (m Memory) Save(found []Finding) error {
	if m.path == "" || len(found) == 0 {
		return nil
	}
	kept, _ := m.Load()
	for _, old := range kept {
		replaced := false
		for _, f := range found {
			replaced = replaced || f.same(old)
		}
		if !replaced {
			found = append(found, old)
		}
	}
	raw, err := json.MarshalIndent(found, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.ReplaceBytes(m.path, 0o600, append(raw, '\n'))
}
