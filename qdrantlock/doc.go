// Package qdrantlock gives exclusive access to a vector store as one
// *qdrant.Client, whatever stands behind it.
//
//	store, err := qdrantlock.Open(ctx, qdrantlock.Config{Path: "qdrant_db"})
//	points, err := store.Client().Scroll(ctx, ...)
//	defer store.Close()
//
// With Path it takes the lock of a folder that the Python qdrant-client's local
// mode wrote, serves it inside this process as Qdrant's own gRPC API, and hands
// out a client of that. With Share the same service also answers on a loopback
// address, so that the host which lost its folder to the lock gets it back, and
// other processes of the same user find it: the address and key lie in an
// owner-only file in the user's runtime folder while the lock is held. With URL
// it is a plain client of a Qdrant server.
//
// What it promises: the folder is held from Open to Close (or the process's
// death) and by nobody else; Open creates nothing; keys reach no log, error or
// file but that owner-only one; Close ends the share before it frees the lock.
//
// What it leaves out: knowledge of what is stored (that is the engine's), and
// the store itself: package folder has the files, points the semantics of a
// collection, serve the API.
package qdrantlock
