package folder_test

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/internal/locktest"
	"qgen-sidecar/qdrantlock/folder"
)

// holdVariable makes the test binary hold a folder until it is killed.
const holdVariable = "FOLDER_TEST_HOLD"

func TestMain(m *testing.M) {
	if path := os.Getenv(holdVariable); path != "" {
		if _, err := folder.Open(path, nil); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("held")
		select {}
	}
	os.Exit(m.Run())
}

// hold starts a process that holds path, and waits until it does.
func hold(t *testing.T, path string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), holdVariable+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		t.Fatalf("the holder says %q, %v", line, err)
	}
	return cmd
}

func TestALockedFolderNamesItsHolderAndIsFreeOnceThatIsKilled(t *testing.T) {
	path := copyFixture(t, "v1_20")
	holder := hold(t, path)
	_, err := folder.Open(path, nil)
	var locked *folder.LockedError
	if !errors.As(err, &locked) {
		t.Fatalf("expected a LockedError, got %v", err)
	}
	if runtime.GOOS == "linux" && locked.HolderPID != holder.Process.Pid {
		t.Errorf("holder %d, expected %d", locked.HolderPID, holder.Process.Pid)
	}
	if !locktest.Held(t, path) {
		t.Error("not locked for other programs")
	}
	holder.Process.Kill()
	holder.Wait()
	if locktest.Held(t, path) {
		t.Error("locked after the kill")
	}
	open(t, path)
}

func TestASecondOpenInOneProcessIsLockedOutUntilClose(t *testing.T) {
	path := emptyStore(t)
	f := open(t, path)
	if _, err := folder.Open(path, nil); !errors.As(err, new(*folder.LockedError)) {
		t.Fatalf("expected a LockedError, got %v", err)
	}
	if err := errors.Join(f.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	open(t, path)
	text, err := os.ReadFile(filepath.Join(path, ".lock"))
	if string(text) != "tmp lock file" || err != nil {
		t.Errorf(".lock holds %q, %v", text, err)
	}
}

func TestNothingIsWrittenOnceTheLockFileIsGone(t *testing.T) {
	path := emptyStore(t)
	f := open(t, path)
	c := create(t, f, "c", unnamed(1))
	if err := os.Remove(filepath.Join(path, ".lock")); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"Write":            c.Write(ctx, folder.Batch{Put: []folder.Point{point(1, 1)}}),
		"CreateCollection": f.CreateCollection("d", unnamed(1)),
		"SetAliases":       f.SetAliases(map[string]string{"a": "c"}),
	} {
		if !errors.Is(err, folder.ErrLockLost) {
			t.Errorf("%s: expected ErrLockLost, got %v", name, err)
		}
	}
}

func TestOpeningAndReadingChangeNothing(t *testing.T) {
	for _, version := range versions {
		path := copyFixture(t, version)
		before := fingerprint(t, path)
		f := open(t, path)
		for _, name := range f.Collections() {
			c := collection(t, f, name)
			if _, err := c.IDs(ctx); err != nil {
				t.Fatal(err)
			}
			scan(t, c)
		}
		f.Close()
		if diff := cmp.Diff(before, fingerprint(t, path)); diff != "" {
			t.Errorf("%s changed:\n%s", version, diff)
		}
	}
}

// fingerprint has every file's bytes, time and mode.
func fingerprint(t *testing.T, path string) map[string]string {
	t.Helper()
	prints := map[string]string{}
	err := filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		prints[name] = fmt.Sprint(info.Mode(), info.ModTime().UnixNano())
		if info.Mode().IsRegular() {
			content, err := os.ReadFile(name)
			prints[name] += string(content)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return prints
}

func TestWhatIsNoStoreIsRefusedAndNothingIsCreated(t *testing.T) {
	base := t.TempDir()
	file := filepath.Join(base, "file")
	empty := filepath.Join(base, "empty")
	if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Mkdir(empty, 0o700)); err != nil {
		t.Fatal(err)
	}
	before := fingerprint(t, base)
	for _, path := range []string{filepath.Join(base, "missing"), file, empty} {
		_, err := folder.Open(path, nil)
		var bad *folder.Error
		if !errors.As(err, &bad) || bad.Path != path || bad.Reason == "" {
			t.Errorf("%s: %v", path, err)
		}
	}
	if diff := cmp.Diff(before, fingerprint(t, base)); diff != "" {
		t.Error(diff)
	}
}
