package serve

import (
	"errors"
	"net"

	"github.com/hashicorp/go-hclog"

	"qgen-sidecar/qdrantlock/folder"
)

// Server serves a folder as Qdrant's gRPC API.
type Server struct{}

// New loads nothing yet: collections are opened at first use.
func New(f *folder.Folder, log hclog.Logger) *Server { return &Server{} }

// Serve answers on l until Stop. apiKey "" asks for none (in-process only);
// otherwise every call must carry it as `api-key` metadata.
func (s *Server) Serve(l net.Listener, apiKey string) error {
	return errors.New("serve: not built yet")
}

// Stop ends all listeners; calls under way finish or are cancelled within 100 ms.
func (s *Server) Stop() {}
