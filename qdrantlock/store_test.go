package qdrantlock_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/internal/locktest"
	"qgen-sidecar/qdrantlock"
)

var ctx = context.Background()

// store is a folder that a qdrant-client wrote, and a runtime folder of the
// test's own.
func store(t *testing.T) string {
	t.Helper()
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	t.Setenv("TMPDIR", t.TempDir())
	path := filepath.Join(t.TempDir(), "store")
	if err := os.CopyFS(path, os.DirFS(filepath.Join("folder", "testdata", "qdrant", "v1_20", "storage"))); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t *testing.T, cfg qdrantlock.Config) *qdrantlock.Store {
	t.Helper()
	s, err := qdrantlock.Open(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func count(t *testing.T, c *qdrant.Client) uint64 {
	t.Helper()
	n, err := c.Count(ctx, &qdrant.CountPoints{CollectionName: "plain", Exact: qdrant.PtrOf(true)})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// upsert writes a point and waits until it is on disk.
func upsert(t *testing.T, c *qdrant.Client, id uint64) {
	t.Helper()
	_, err := c.Upsert(ctx, &qdrant.UpsertPoints{CollectionName: "plain", Wait: qdrant.PtrOf(true), Points: []*qdrant.PointStruct{{
		Id: qdrant.NewIDNum(id), Vectors: qdrant.NewVectors(1, 2, 3, 4), Payload: qdrant.NewValueMap(map[string]any{"from": "test"}),
	}}})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAFolderIsOneClientUntilClose(t *testing.T) {
	path := store(t)
	s := open(t, qdrantlock.Config{Path: path})
	if s.Mode() != qdrantlock.ModeFolder || s.Share() != nil || len(s.Warnings()) > 0 {
		t.Errorf("mode %q, share %v, warnings %v", s.Mode(), s.Share(), s.Warnings())
	}
	names, err := s.Client().ListCollections(ctx)
	if err != nil || len(names) != 5 {
		t.Errorf("collections %v, %v", names, err)
	}
	before := count(t, s.Client())
	upsert(t, s.Client(), 12345)
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	if locktest.Held(t, path) {
		t.Fatal("after Close the folder is locked")
	}
	if after := count(t, open(t, qdrantlock.Config{Path: path}).Client()); after != before+1 {
		t.Errorf("%d points became %d", before, after)
	}
}

func TestAFolderHeldWithoutAShareIsLocked(t *testing.T) {
	path := store(t)
	open(t, qdrantlock.Config{Path: path})
	_, err := qdrantlock.Open(ctx, qdrantlock.Config{Path: path})
	var locked *qdrantlock.LockedError
	if !errors.As(err, &locked) || locked.Path != path {
		t.Fatalf("expected a LockedError, got %v", err)
	}
	if locked.HolderPID != 0 && locked.HolderPID != os.Getpid() {
		t.Errorf("holder %d, expected %d", locked.HolderPID, os.Getpid())
	}
	if _, err := qdrantlock.CompactFolder(ctx, path); !errors.As(err, &locked) {
		t.Errorf("CompactFolder: expected a LockedError, got %v", err)
	}
}

func TestASharedFolderIsUsedBySecondsThroughItsKey(t *testing.T) {
	path := store(t)
	first := open(t, qdrantlock.Config{Path: path, Share: "localhost:0"})
	share := first.Share()
	if share == nil || share.Host != "127.0.0.1" || share.GRPCPort == 0 || len(share.APIKey) != 64 {
		t.Fatalf("share %+v", share)
	}
	link := filepath.Join(t.TempDir(), "link") // the same folder by another name
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	second := open(t, qdrantlock.Config{Path: link})
	if second.Mode() != qdrantlock.ModeShared {
		t.Fatalf("mode %q", second.Mode())
	}
	if diff := cmp.Diff(share, second.Share()); diff != "" {
		t.Error(diff)
	}
	before := count(t, first.Client())
	upsert(t, second.Client(), 777)
	if after := count(t, first.Client()); after != before+1 {
		t.Errorf("%d points became %d", before, after)
	}

	address := net.JoinHostPort(share.Host, strconv.Itoa(share.GRPCPort))
	byURL := open(t, qdrantlock.Config{URL: "http://" + address, APIKey: share.APIKey})
	if byURL.Mode() != qdrantlock.ModeServer || count(t, byURL.Client()) != before+1 {
		t.Errorf("mode %q by URL", byURL.Mode())
	}
	for _, key := range []string{"", "wrong"} {
		_, err := qdrantlock.Open(ctx, qdrantlock.Config{URL: "http://" + address, APIKey: key})
		var bad *qdrantlock.StoreError
		if !errors.As(err, &bad) || !strings.Contains(bad.Reason, "key") || strings.Contains(err.Error(), share.APIKey) {
			t.Errorf("key %q: %v", key, err)
		}
	}
}

func TestTheShareIsFoundThroughAnOwnerOnlyFileThatGoesWithIt(t *testing.T) {
	path := store(t)
	s := open(t, qdrantlock.Config{Path: path, Share: "127.0.0.1:0", ShareAPIKey: "secret"})
	if s.Share().APIKey != "secret" {
		t.Errorf("key %q", s.Share().APIKey)
	}
	dir := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "qgen-sidecar")
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	file, _ := files[0].Info()
	info, _ := os.Stat(dir)
	if file.Mode().Perm() != 0o600 || info.Mode().Perm() != 0o700 {
		t.Errorf("file %v in folder %v", file.Mode(), info.Mode())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("left over: %v", files)
	}
	if locktest.Held(t, path) {
		t.Error("still locked")
	}
}

// A key must not be looked for where others can write.
func TestARuntimeFolderThatOthersCanEnterIsNotUsed(t *testing.T) {
	path := store(t)
	for _, dir := range []string{os.Getenv("XDG_RUNTIME_DIR") + "/qgen-sidecar", os.Getenv("TMPDIR") + "/qgen-sidecar-" + strconv.Itoa(os.Getuid())} {
		if err := errors.Join(os.Mkdir(dir, 0o700), os.Chmod(dir, 0o777)); err != nil {
			t.Fatal(err)
		}
	}
	open(t, qdrantlock.Config{Path: path, Share: "127.0.0.1:0"})
	if _, err := qdrantlock.Open(ctx, qdrantlock.Config{Path: path}); !errors.As(err, new(*qdrantlock.LockedError)) {
		t.Errorf("expected a LockedError, got %v", err)
	}
}

func TestWhatCannotBeOpenedSaysWhyAndLeavesTheFolderFree(t *testing.T) {
	path := store(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	silent := "http://" + taken.Addr().String()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := "http://" + closed.Addr().String()
	closed.Close()
	missing := filepath.Join(t.TempDir(), "missing")
	short, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := qdrantlock.Open(short, qdrantlock.Config{URL: silent}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for name, c := range map[string]struct {
		cfg    qdrantlock.Config
		reason string
	}{
		"neither":           {qdrantlock.Config{}, "neither"},
		"both":              {qdrantlock.Config{Path: path, URL: refused}, "both"},
		"missing folder":    {qdrantlock.Config{Path: missing}, "no such folder"},
		"share to all":      {qdrantlock.Config{Path: path, Share: "0.0.0.0:0"}, "loopback"},
		"share by name":     {qdrantlock.Config{Path: path, Share: "example.com:80"}, "loopback"},
		"share no port":     {qdrantlock.Config{Path: path, Share: "127.0.0.1"}, "host:port"},
		"share any host":    {qdrantlock.Config{Path: path, Share: ":6334"}, "loopback"},
		"share port taken":  {qdrantlock.Config{Path: path, Share: taken.Addr().String()}, "cannot listen"},
		"server refuses":    {qdrantlock.Config{URL: refused}, "cannot be reached"},
		"no scheme":         {qdrantlock.Config{URL: "127.0.0.1:6334"}, "expected http"},
		"another scheme":    {qdrantlock.Config{URL: "grpc://127.0.0.1:6334"}, "expected http"},
		"path in URL":       {qdrantlock.Config{URL: "http://127.0.0.1:6334/x"}, "nothing after the port"},
		"password in URL":   {qdrantlock.Config{URL: "http://u:hunter2@127.0.0.1:6334"}, "no user or password"},
		"port out of range": {qdrantlock.Config{URL: "http://127.0.0.1:70000"}, "65535"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := qdrantlock.Open(ctx, c.cfg)
			var bad *qdrantlock.StoreError
			if !errors.As(err, &bad) || !strings.Contains(bad.Reason, c.reason) {
				t.Fatalf("expected a StoreError with %q, got %v", c.reason, err)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Error("the error tells a password")
			}
		})
	}
	if _, err := os.Stat(missing); !os.IsNotExist(err) {
		t.Error("the missing folder was created")
	}
	open(t, qdrantlock.Config{Path: path})
}

func TestWarningsNameWhatCannotBeRead(t *testing.T) {
	path := store(t)
	if err := os.Remove(filepath.Join(path, "collection", "empty", "storage.sqlite")); err != nil {
		t.Fatal(err)
	}
	s := open(t, qdrantlock.Config{Path: path})
	if w := s.Warnings(); len(w) != 1 || !strings.Contains(w[0], `"empty"`) || !strings.Contains(w[0], "missing") {
		t.Errorf("warnings %q", w)
	}
	if n := count(t, s.Client()); n != 15 {
		t.Errorf("%d points in another collection", n)
	}
}

func TestFolderCommandsReportAndCompact(t *testing.T) {
	path := store(t)
	s := open(t, qdrantlock.Config{Path: path}) // check and stats run beside a holder
	report, err := qdrantlock.CheckFolder(ctx, path)
	if err != nil || !report.OK || !report.Locked || len(report.Collections) != 5 {
		t.Errorf("%+v, %v", report, err)
	}
	before, err := qdrantlock.FolderStats(ctx, path)
	if err != nil || before.Points != 25 || before.Bytes != 4*12288+20480 {
		t.Errorf("%+v, %v", before, err)
	}
	all := qdrant.NewPointsSelectorFilter(&qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewHasID(qdrant.NewIDNum(1), qdrant.NewIDNum(0))}})
	if _, err := s.Client().Delete(ctx, &qdrant.DeletePoints{CollectionName: "plain", Wait: qdrant.PtrOf(true), Points: all}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	compacted, err := qdrantlock.CompactFolder(ctx, path)
	if err != nil || compacted.BytesBefore != before.Bytes || compacted.BytesAfter > compacted.BytesBefore {
		t.Errorf("%+v, %v", compacted, err)
	}
	if report, err := qdrantlock.CheckFolder(ctx, path); err != nil || !report.OK || report.Locked {
		t.Errorf("%+v, %v", report, err)
	}
}
