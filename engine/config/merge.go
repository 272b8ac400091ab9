package config

import "path/filepath"

// pathKeys are the keys whose values are paths, by section.
var pathKeys = map[string][]string{
	"store":    {"path"},
	"personas": {"path"},
	"files":    {"raw_chunks", "gold", "program"},
	"cache":    {"path"},
}

// resolvePaths makes the tree's paths absolute against base, before merging,
// because the file's paths and the host's have different bases. Values of the
// wrong type are left for the decoder to name.
func resolvePaths(tree map[string]any, base string) {
	for section, keys := range pathKeys {
		table, ok := tree[section].(map[string]any)
		if !ok {
			continue
		}
		for _, key := range keys {
			if p, ok := table[key].(string); ok {
				table[key] = resolve(p, base)
			}
		}
	}
}

// resolve leaves "" alone: for the cache it means "off".
func resolve(p, base string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(base, p)
}

// merge lays over onto base: tables key by key, everything else replaced, null
// removed. base is changed and returned.
func merge(base, over map[string]any) map[string]any {
	dropRival(base, over)
	for key, value := range over {
		below, isTable := base[key].(map[string]any)
		above, ok := value.(map[string]any)
		switch {
		case value == nil:
			delete(base, key)
		case ok && !isTable: // merged too, so that null means the same everywhere
			base[key] = merge(map[string]any{}, above)
		case ok:
			base[key] = merge(below, above)
		default:
			base[key] = value
		}
	}
	return base
}

// dropRival: a host that names another store must not be told that the file
// names one too.
func dropRival(base, over map[string]any) {
	below, _ := base["store"].(map[string]any)
	above, _ := over["store"].(map[string]any)
	if below == nil || above == nil {
		return
	}
	for given, rival := range map[string]string{"path": "url", "url": "path"} {
		if s, _ := above[given].(string); s != "" {
			delete(below, rival)
		}
	}
}
