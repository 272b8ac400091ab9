package lm

import (
	"slices"
	"sync/atomic"

	"github.com/hashicorp/go-hclog"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/program"
)

// Models are the models behind their roles, for every call of the engine.
type Models struct {
	cfg  *config.Config
	log  hclog.Logger
	host Host
	disp *dispatcher.Dispatcher

	jobs atomic.Int64 // numbers calls, for the dispatcher's fairness
}

// New serves the roles of the config over a dispatcher, with what the host
// offers: its own complete becomes one of the dispatcher's endpoints.
func New(cfg *config.Config, log hclog.Logger, host Host, disp *dispatcher.Dispatcher) *Models {
	m := &Models{cfg: cfg, log: log, host: host, disp: disp}
	if host.Complete != nil {
		disp.SetHost(m.hostComplete)
	}
	return m
}

// Model is the LM of a role with its layout. It is an error only if nobody
// could serve it: no model is named and the host offers no `complete`.
func (m *Models) Model(c *Call, name string) (program.Model, error) {
	role, _ := m.cfg.Role(name)
	return m.ModelOf(c, name, role)
}

func (m *Models) ModelOf(c *Call, name string, role config.Role) (program.Model, error) {
	if role.Model == "" && m.host.Complete == nil {
		return program.Model{}, &api.ParamError{Param: "config lm." + name + ".model", Expected: "a model's name (or a host that offers complete)", Found: "none"}
	}
	lm := &roleLM{disp: m.disp, name: name, role: role, call: c}
	return program.Model{LM: lm, Layout: program.Layout(role.Layout), Role: name}, nil
}

// Serving are the endpoints that a role's calls may go to, the host's own function
// among them.
func (m *Models) Serving(role config.Role) []config.Endpoint {
	all := m.cfg.Remote()
	if m.host.Complete != nil {
		all = append(all, m.cfg.HostLimits())
	}
	return slices.DeleteFunc(all, func(ep config.Endpoint) bool {
		return len(role.Endpoints) > 0 && !slices.Contains(role.Endpoints, ep.Name)
	})
}

// SlowestS is how many seconds a call to an endpoint takes at the most: 95 in a
// hundred took less so far, else its timeout.
func (m *Models) SlowestS(ep config.Endpoint) float64 {
	for _, s := range m.disp.Status() {
		if s.Name == ep.Name && s.P95MS > 0 {
			return s.P95MS / 1000
		}
	}
	return ep.TimeoutS
}

// Capacity is how many calls of all roles may be in flight at once.
func (m *Models) Capacity() int {
	return m.disp.Capacity(m.cfg.TaskRole().Endpoints, m.cfg.TeacherRole().Endpoints, m.cfg.JudgeRole().Endpoints)
}

// KeepReply puts a reply of a batch into the reply cache and gives its tokens.
func (m *Models) KeepReply(reply dispatcher.BatchReply) (prompt, completion int, err error) {
	return m.disp.Keep(reply)
}

// DrawTemperature: another draw of a prompt keeps the task role's temperature,
// unless that is 0, where every draw would be the same. nil is the role's own.
func (m *Models) DrawTemperature(rollout int) *float64 {
	t := m.cfg.TaskRole().Temperature
	if rollout == 0 || t != nil && *t > 0 {
		return nil
	}
	warm := 1.0
	return &warm
}
