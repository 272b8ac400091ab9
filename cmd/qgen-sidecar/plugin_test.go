//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"qgen-sidecar/internal/locktest"
	"qgen-sidecar/rpc"
)

// hostPlugin is a go-plugin host's half: it opens the stream.
type hostPlugin struct{ plugin.NetRPCUnsupportedPlugin }

func (hostPlugin) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error { return nil }

func (hostPlugin) GRPCClient(ctx context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	desc := &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
	stream, err := conn.NewStream(ctx, desc, "/"+rpc.PluginService+"/"+rpc.PluginStream)
	return &pluginStream{stream}, err
}

type pluginStream struct{ grpc.ClientStream }

func hostConfig(cmd *exec.Cmd, log hclog.Logger) *plugin.ClientConfig {
	return &plugin.ClientConfig{
		HandshakeConfig: rpc.Handshake, Plugins: plugin.PluginSet{rpc.PluginName: hostPlugin{}}, Cmd: cmd,
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC}, Logger: log,
	}
}

// connect starts the plugin and opens its stream.
func connect(client *plugin.Client) (*pluginStream, error) {
	protocol, err := client.Client()
	if err != nil {
		return nil, err
	}
	raw, err := protocol.Dispense(rpc.PluginName)
	if err != nil {
		return nil, err
	}
	return raw.(*pluginStream), nil
}

// ask sends one message and waits for one.
func (s *pluginStream) ask(message string) (string, error) {
	if err := s.SendMsg(wrapperspb.Bytes([]byte(message))); err != nil {
		return "", err
	}
	var answer wrapperspb.BytesValue
	err := s.RecvMsg(&answer)
	return string(answer.Value), err
}

// pluginHost is a host that gets killed: see hosts.
func pluginHost() int {
	cmd := exec.Command(os.Getenv("QGEN_TEST_BINARY"))
	cmd.ExtraFiles = []*os.File{nil, os.NewFile(4, "alive")}
	stream, err := connect(plugin.NewClient(hostConfig(cmd, hclog.NewNullLogger())))
	if err != nil {
		return 1
	}
	answer, err := stream.ask(os.Getenv("QGEN_TEST_INIT"))
	os.NewFile(4, "alive").Close()
	fmt.Fprintln(os.NewFile(3, "ready"), answer, err)
	select {}
}

// go-plugin: the same methods, and no orphan after the host was killed.
func TestPlugin(t *testing.T) {
	dir := storeFolder(t)
	said, kill := killedHost(t, "plugin", initOn(dir), nil, nil)
	if !strings.Contains(said, `"mode":"folder"`) {
		t.Fatalf("initialize: %s", said)
	}
	if took := kill(); took > 2*time.Second {
		t.Errorf("the sidecar lived on for %s", took)
	}
	if locktest.Held(t, dir) {
		t.Error("still locked")
	}
}

// Host and sidecar agree on the highest version that both speak, or on none.
func TestPluginVersion(t *testing.T) {
	for name, versions := range map[string][]int{"a newer host": {1, 2}, "a host of another version": {2}} {
		config := hostConfig(exec.Command(binary), hclog.NewNullLogger())
		config.Plugins, config.VersionedPlugins = nil, map[int]plugin.PluginSet{}
		for _, v := range versions {
			config.VersionedPlugins[v] = plugin.PluginSet{rpc.PluginName: hostPlugin{}}
		}
		config.HandshakeConfig.ProtocolVersion = 0
		client := plugin.NewClient(config)
		_, err := connect(client)
		switch {
		case len(versions) == 2 && (err != nil || client.NegotiatedVersion() != 1):
			t.Errorf("%s: version %d, %v; want 1", name, client.NegotiatedVersion(), err)
		case len(versions) == 1 && (err == nil || !strings.Contains(err.Error(), "Plugin version: 1")):
			t.Errorf("%s: %v, want an error that names the version", name, err)
		}
		client.Kill()
	}
}

// The sidecar's lines come out of the host's logger, at the level they had.
func TestPluginLogs(t *testing.T) {
	var lines logLines
	log := hclog.New(&hclog.LoggerOptions{Level: hclog.Debug, Output: &lines, JSONFormat: true})
	cmd := exec.Command(binary)
	cmd.Env = append(os.Environ(), "QGEN_LOG=debug")
	client := plugin.NewClient(hostConfig(cmd, log))
	stream, err := connect(client)
	must(t, err)
	if answer, err := stream.ask("no message"); err != nil || !strings.Contains(answer, "-32700") {
		t.Errorf("answered %s, %v", answer, err)
	}
	client.Kill() // the host reads what is left
	if want := `"@level":"debug","@message":"refused a message"`; !strings.Contains(lines.String(), want) {
		t.Errorf("the host's log lacks %s:\n%s", want, lines.String())
	}
}

// The example is a host that works.
func TestGoHostExample(t *testing.T) {
	out, err := exec.Command("go", "run", "../../examples/go-host", binary).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "uptime_s") {
		t.Errorf("%v: %s", err, out)
	}
}

// logLines is written by the host's log reader.
type logLines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}
func (l *logLines) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.text.String() }
