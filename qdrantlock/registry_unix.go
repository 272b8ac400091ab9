//go:build unix

package qdrantlock

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// ownedByUs: this user's, and closed to everybody else.
func ownedByUs(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Getuid() && info.Mode().Perm()&0o077 == 0
}

// alive: signal 0 reaches a process, or would if it were ours.
func alive(pid int) bool {
	if pid <= 0 {
		return false
	}
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
