package folder

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// badNameChars are what the client (and the server) refuse in new names.
const badNameChars = "<>:\"/\\|?*\x00\x1f"

// CheckNew holds a new collection's name and vectors against the client's own
// rules, which are looser for collections that exist.
func CheckNew(name string, cfg CollectionConfig) error {
	return errors.Join(checkNewName(name), checkNewConfig(cfg))
}

func checkNewName(name string) error {
	switch {
	case name == "" || name == "." || name == "..":
		return fmt.Errorf("a collection cannot be named %q", name)
	case strings.ContainsAny(name, badNameChars):
		return fmt.Errorf("a collection's name cannot contain any of %q: %q", badNameChars, name)
	case utf8.RuneCountInString(name) > 255:
		return fmt.Errorf("a collection's name has 255 characters at most, this one %d", utf8.RuneCountInString(name))
	case !utf8.ValidString(name):
		return fmt.Errorf("a collection's name must be UTF-8: %q", name)
	}
	return nil
}

// checkNewConfig holds a new collection's vectors against the client's rules.
func checkNewConfig(cfg CollectionConfig) error {
	for name, p := range cfg.Vectors {
		if err := checkVectorName(name); err != nil {
			return err
		}
		if p.Size < 1 || p.Size > 65536 {
			return fmt.Errorf("vector %q: size must be from 1 to 65536, not %d", name, p.Size)
		}
		if !knownDistance(p.Distance) {
			return fmt.Errorf("vector %q: distance must be Cosine, Dot, Euclid or Manhattan, not %q", name, p.Distance)
		}
		if _, twice := cfg.Sparse[name]; twice {
			return fmt.Errorf("vector %q is both dense and sparse", name)
		}
	}
	for name, p := range cfg.Sparse {
		if name == "" {
			return fmt.Errorf("a sparse vector must have a name")
		}
		if err := checkVectorName(name); err != nil {
			return err
		}
		if p.Modifier != "" && p.Modifier != "idf" {
			return fmt.Errorf("sparse vector %q: modifier must be idf or none, not %q", name, p.Modifier)
		}
	}
	return nil
}

func checkVectorName(name string) error {
	if len(name) > 200 || name == "." || name == ".." || strings.ContainsAny(name, badNameChars) || !utf8.ValidString(name) {
		return fmt.Errorf("a vector cannot be named %.210q: 200 bytes at most, none of %q", name, badNameChars)
	}
	return nil
}

const storageName = "storage.sqlite"

// storageFile is where a collection's rows are. The file must lie within the
// folder's collection directory once symbolic links are followed: meta.json is
// not trusted to name files elsewhere.
func storageFile(root, name string) (string, error) {
	if name == "" || strings.ContainsRune(name, 0) || filepath.IsAbs(name) {
		return "", fmt.Errorf("the name %q leads out of the folder", name)
	}
	base, err := filepath.EvalSymlinks(filepath.Join(root, "collection"))
	if err != nil {
		return "", fmt.Errorf("the directory collection is missing")
	}
	dir := filepath.Join(base, filepath.FromSlash(name))
	if !within(base, dir) {
		return "", fmt.Errorf("the name %q leads out of the folder", name)
	}
	file := filepath.Join(dir, storageName)
	real, err := filepath.EvalSymlinks(file)
	if os.IsNotExist(err) {
		return "", fmt.Errorf("%s is missing; the Python client would silently start an empty one", filepath.Join("collection", name, storageName))
	}
	if err != nil {
		return "", fmt.Errorf("%s cannot be reached: %w", filepath.Join("collection", name, storageName), err)
	}
	if !within(base, real) || !within(base, filepath.Dir(real)) {
		return "", fmt.Errorf("%s is a link out of the folder: refused", filepath.Join("collection", name))
	}
	return real, nil
}

// within: path lies strictly below base. Both are clean and without links.
func within(base, path string) bool {
	return strings.HasPrefix(path, base+string(filepath.Separator))
}
