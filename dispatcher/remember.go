package dispatcher

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"qgen-sidecar/internal/atomicfile"
)

// memory keeps in a file what was found out about limits, so that the next
// process need not be refused again to know them. Several processes may share
// it: each writes the endpoints that it has found something about, over those
// of the same name and address.
type memory struct {
	path   string // "": off
	secret *secrets
}

// rememberEvery bounds how often findings are written, and so what kill -9
// loses of them.
const rememberEvery = 10 * time.Second

// finding is what is kept of an endpoint. Rates are a minute's.
type finding struct {
	Name    string    `json:"name"`
	BaseURL string    `json:"base_url"`
	Model   string    `json:"model,omitempty"` // "": all together
	FoundAt time.Time `json:"found_at"`
	RPM     float64   `json:"rpm,omitempty"`      // as refusals taught it
	ToldRPM float64   `json:"told_rpm,omitempty"` // as headers told it
	ToldTPM float64   `json:"told_tpm,omitempty"`
	BurstMS int64     `json:"burst_ms,omitempty"`
}

func newMemory(cachePath string, secret *secrets) memory {
	m := memory{secret: secret}
	if cachePath != "" {
		m.path = filepath.Join(cachePath, "limits.json")
	}
	return m
}

func (m memory) of(e *endpoint, model string) finding {
	return finding{Name: e.config.Name, BaseURL: m.secret.redact(e.address), Model: model}
}

func (f finding) same(g finding) bool {
	return f.Name == g.Name && f.BaseURL == g.BaseURL && f.Model == g.Model
}

// load reads the findings; a file that cannot be read holds none.
func (m memory) load() ([]finding, error) {
	raw, err := os.ReadFile(m.path)
	if errors.Is(err, os.ErrNotExist) || m.path == "" {
		return nil, nil
	}
	var found []finding
	if err == nil {
		err = json.Unmarshal(raw, &found)
	}
	if err != nil {
		return nil, fmt.Errorf("limits found in earlier runs cannot be read and are learned anew: %w", err)
	}
	return found, nil
}

// save writes findings over the file's own of the same endpoints.
func (m memory) save(found []finding) error {
	if m.path == "" || len(found) == 0 {
		return nil
	}
	kept, _ := m.load()
	for _, old := range kept {
		replaced := false
		for _, f := range found {
			replaced = replaced || f.same(old)
		}
		if !replaced {
			found = append(found, old)
		}
	}
	raw, err := json.MarshalIndent(found, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.ReplaceBytes(m.path, 0o600, append(raw, '\n'))
}

// recall gives an endpoint what was found about it. Rates grow from there as
// after any refusal, so that a limit that was raised meanwhile is found in
// seconds.
func (m memory) recall(e *endpoint, found []finding) {
	for _, f := range found {
		if !f.same(m.of(e, f.Model)) {
			continue
		}
		switch {
		case e.shared != nil && f.Model == "":
			e.shared.recall(f)
		case e.shared == nil:
			e.limitsOf(f.Model).recall(f)
		}
	}
	if e.shared != nil || len(e.limits) == 0 {
		return
	}
	if all := e.limits[0]; all.model == "" && len(e.limits) == 1 {
		e.common = all
	}
	e.apart = len(e.limits) > 1
}

func (m *limits) recall(f finding) {
	b := &m.requests
	if f.ToldRPM > 0 && !m.known.requests {
		m.learn.ceiling, b.perSecond = f.ToldRPM/60, f.ToldRPM/60
	}
	if f.ToldTPM > 0 && !m.known.tokens {
		m.tokens.perSecond = f.ToldTPM / 60
	}
	if f.RPM > 0 && (b.perSecond == 0 || f.RPM/60 < b.perSecond) {
		b.perSecond, m.learn.refused = f.RPM/60, true
	}
	if f.BurstMS > 0 {
		b.burst = min(burstMax, time.Duration(f.BurstMS)*time.Millisecond)
	}
}

// found is what is known beyond the config.
func (m *limits) found(f finding) finding {
	f.FoundAt, f.BurstMS = m.foundAt, m.requests.burst.Milliseconds()
	if m.learn.refused {
		f.RPM = m.requests.perSecond * 60
	}
	if !m.known.requests {
		f.ToldRPM = m.learn.ceiling * 60
	}
	if !m.known.tokens {
		f.ToldTPM = m.tokens.perSecond * 60
	}
	return f
}

// findings are all that this process made, if there is one more than the last
// time.
func (s *scheduler) findings(m memory) (out []finding) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.unsaved {
		return nil
	}
	s.unsaved = false
	for _, e := range s.endpoints {
		for _, l := range e.limits {
			if !l.foundAt.IsZero() && !e.isHost {
				out = append(out, l.found(m.of(e, l.model)))
			}
		}
	}
	return out
}

// remember writes what was found since the last time.
func (d *Dispatcher) remember() {
	if err := d.memory.save(d.scheduler.findings(d.memory)); err != nil {
		d.log.Warn("limits that were found could not be kept", "error", err)
	}
}
