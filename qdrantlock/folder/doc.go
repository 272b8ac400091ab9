// Package folder reads and writes the folder of the Python qdrant-client's
// local mode, exclusively and without trusting it.
//
//	<path>/.lock                                     whole-file lock, 13 bytes
//	<path>/meta.json                                 collections and aliases
//	<path>/collection/<name>/storage.sqlite          one table: id, pickled point
//
// What it promises:
//
//   - Open takes the lock the client takes (flock of .lock) before it reads
//     anything, and holds it until Close or the death of the process. Opening
//     and reading change no byte of the folder but a missing .lock.
//   - Nothing in the folder is ever executed. Rows are pickles; a small machine
//     of our own reads them and knows seven classes. Any other class, a broken
//     row or an id that Qdrant's API cannot carry makes that row a BadRow: it is
//     named, left as found and never overwritten or deleted. The rest is usable.
//   - A Batch is one transaction. When Write returns nil it is on disk.
//   - What is written opens in every qdrant-client since 1.1.7, under pydantic 1
//     and 2. meta.json keeps what it held, key for key; no null key is added,
//     because an older client refuses a folder with a key it does not know.
//   - A point stored twice (by clients that spelled its key differently) counts
//     once: the highest rowid wins. The others go when the point is next written.
//
// What it leaves out: search, filters and vector arithmetic (package points),
// Qdrant's API (package serve), creating a folder, the storage.dbm format of
// clients before 1.1.7, and following changes that another process makes by
// going around the lock.
package folder
