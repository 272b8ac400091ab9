// Package logstore keeps records under 32-byte keys in a folder, for any number
// of processes at once.
//
// # How
//
// Records are only ever appended, to files that all processes share, and an
// index in memory says where each is: the layout of Bitcask (Sheehy and Smith
// 2010) with common files. A record is one write to a file opened for appending,
// which local file systems do not mix with another's. BenchmarkPut compares
// that with making a file for each.
//
// # What it promises
//
//   - What [Store.Put] accepted is there after kill -9, and for every process.
//   - What a killed process or a full disk leaves half written, and damage, cost
//     that record alone: the bytes that begin a record cannot stand inside one,
//     and each has a checksum.
//   - The folder stays below its limit: the oldest files go, and records in them
//     that are still asked for move on.
//
// # What it leaves out
//
// There is no fsync: a power cut may take the last seconds. Payloads must be
// UTF-8. Network file systems that do not append as one may lose records to
// each other, as if they were damaged.
package logstore
