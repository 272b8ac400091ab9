package qdrantlock

import (
	"io/fs"
	"os"
)

// ownedByUs: the temporary folder is the user's own there, and closed by its
// access list.
func ownedByUs(fs.FileInfo) bool { return true }

// alive: opening the process works while it lives.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	p.Release()
	return true
}
