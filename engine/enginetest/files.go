package enginetest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
)

// Path is a name in the working folder, absolute.
func (w *World) Path(name string) string { return filepath.Join(w.Dir, name) }

// Write replaces a file of the working folder, and makes the folders that it lies in.
func (w *World) Write(name, text string) {
	w.T.Helper()
	path := w.Path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.T.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		w.T.Fatal(err)
	}
}

// Read is the text of a file of the working folder.
func (w *World) Read(name string) string {
	w.T.Helper()
	data, err := os.ReadFile(w.Path(name))
	if err != nil {
		w.T.Fatal(err)
	}
	return string(data)
}

// Lines are a file's JSON lines.
func (w *World) Lines(name string) []map[string]any {
	w.T.Helper()
	var out []map[string]any
	for _, line := range strings.Split(strings.TrimRight(w.Read(name), "\n"), "\n") {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			w.T.Fatalf("%s: %v in %q", name, err, line)
		}
		out = append(out, v)
	}
	return out
}

// Files are the texts of all files in the working folder by their names from there,
// but for locks and the folder .qgen.
func (w *World) Files() map[string]string {
	w.T.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(w.Dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".lock") || strings.HasPrefix(path, w.Path(".qgen")) {
			return err
		}
		name, _ := filepath.Rel(w.Dir, path)
		text, err := os.ReadFile(path)
		if os.IsNotExist(err) { // a link to nothing yet
			return nil
		}
		out[name] = string(text)
		return err
	})
	if err != nil {
		w.T.Fatal(err)
	}
	return out
}

// Unchanged holds that no file is another than in before, which [World.Files] gave, and
// that no model was asked; what names the case in errors.
func (w *World) Unchanged(what string, before map[string]string) {
	w.T.Helper()
	for name, text := range w.Files() {
		if had, there := before[name]; !there || had != text {
			w.T.Errorf("%s: %s was written (there before: %t)", what, name, there)
		}
	}
	if n := w.LLM.Count(); n != 0 {
		w.T.Errorf("%s: %d calls were paid for first", what, n)
	}
}
