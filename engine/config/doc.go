// Package config reads qgen.toml.
//
// A configuration comes from up to two places: a TOML file, and the JSON object
// that a host passes to initialize, which wins key by key. Both are first read
// as plain maps and merged; the result is then held against the Config type by
// reflection. That order gives one set of rules for both sources:
//
//   - an unknown key is an error that names its dotted path and the nearest
//     known key ("store.pth: unknown key; did you mean path?"),
//   - a value of the wrong type names the key, what was expected and what was
//     found,
//   - arrays are replaced, tables are merged, null takes a key back to its default,
//   - store.path given on top drops store.url, and the other way round.
//
// Load returns a Config with every default filled in, every path absolute and
// every value checked; the same input gives the same Config whatever is on
// disk, since nothing but the file itself is opened.
//
// Left out on purpose: secrets. The file names environment variables and this
// package never reads them. Whether folders, collections, endpoints and models
// exist is found out at first use, by those who use them.
package config
