package folder

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// holder finds who holds the lock: the kernel's table of locks, else a process
// that has the file open. 0 when neither tells.
func holder(f *os.File, name string) int {
	if pid := lockTableHolder(f); pid > 0 {
		return pid
	}
	return opener(name)
}

// lockTableHolder reads /proc/locks, whose lines are
//
//	1: FLOCK  ADVISORY  WRITE 4711 08:01:131090 0 EOF
//
// The device is compared last: some file systems report another one there.
func lockTableHolder(f *os.File) int {
	var st unix.Stat_t
	if unix.Fstat(int(f.Fd()), &st) != nil {
		return 0
	}
	table, err := os.Open("/proc/locks")
	if err != nil {
		return 0
	}
	defer table.Close()
	exact := fmt.Sprintf("%02x:%02x:%d", unix.Major(uint64(st.Dev)), unix.Minor(uint64(st.Dev)), st.Ino)
	similar := 0
	for lines := bufio.NewScanner(table); lines.Scan(); {
		pid, file := flockLine(lines.Text())
		if pid > 0 && file == exact {
			return pid
		}
		if pid > 0 && strings.HasSuffix(file, fmt.Sprintf(":%d", st.Ino)) && hasOpen(pid, f.Name()) {
			similar = pid
		}
	}
	return similar
}

// flockLine gives the holder and "major:minor:inode" of a line about a BSD
// lock, pid 0 for any other. Lines with "->" are of those who wait.
func flockLine(line string) (pid int, file string) {
	parts := strings.Fields(line)
	if len(parts) < 6 || parts[1] != "FLOCK" {
		return 0, ""
	}
	pid, _ = strconv.Atoi(parts[4])
	return pid, parts[5]
}

// opener finds another process that has name open.
func opener(name string) int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err == nil && pid != os.Getpid() && hasOpen(pid, name) {
			return pid
		}
	}
	return 0
}

func hasOpen(pid int, name string) bool {
	want, err := os.Stat(name)
	if err != nil {
		return false
	}
	fds, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, fd := range fds {
		if target, err := os.Readlink(fd); err != nil || filepath.Base(target) != lockName {
			continue
		}
		if info, err := os.Stat(fd); err == nil && os.SameFile(info, want) {
			return true
		}
	}
	return false
}
