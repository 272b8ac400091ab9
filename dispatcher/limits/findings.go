package limits

import "time"

// Finding is what is kept of an endpoint, for the next process. Rates are a
// minute's.
type Finding struct {
	Name    string    `json:"name"`
	BaseURL string    `json:"base_url"`
	Model   string    `json:"model,omitempty"` // "": all together
	FoundAt time.Time `json:"found_at"`
	RPM     float64   `json:"rpm,omitempty"`      // as refusals taught it
	ToldRPM float64   `json:"told_rpm,omitempty"` // as headers told it
	ToldTPM float64   `json:"told_tpm,omitempty"`
	BurstMS int64     `json:"burst_ms,omitempty"`
}

func (f Finding) same(g Finding) bool {
	return f.Name == g.Name && f.BaseURL == g.BaseURL && f.Model == g.Model
}

// Findings is all that was found out beyond the config.
func (e *Endpoint) Findings() (out []Finding) {
	for _, a := range e.all {
		if !a.foundAt.IsZero() {
			out = append(out, a.found(Finding{Name: e.name, BaseURL: e.address, Model: a.model}))
		}
	}
	return out
}

// Restore takes what was found about the endpoint, of all endpoints' findings, before
// its first call. Rates grow from there as after any refusal, so that a limit that
// was raised meanwhile is found in seconds.
func (e *Endpoint) Restore(found []Finding) {
	for _, f := range found {
		if f.Name != e.name || f.BaseURL != e.address {
			continue
		}
		switch {
		case e.shared != nil && f.Model == "":
			e.shared.restore(f)
		case e.shared == nil:
			e.allowanceOf(f.Model).restore(f)
		}
	}
	if e.shared != nil || len(e.all) == 0 {
		return
	}
	if all := e.all[0]; all.model == "" && len(e.all) == 1 {
		e.common = all
	}
	e.apart = len(e.all) > 1
}

func (a *allowance) restore(f Finding) {
	b := &a.requests
	if f.ToldRPM > 0 && !a.known.requests {
		a.learn.ceiling, b.perSecond = f.ToldRPM/60, f.ToldRPM/60
	}
	if f.ToldTPM > 0 && !a.known.tokens {
		a.tokens.perSecond = f.ToldTPM / 60
	}
	if f.RPM > 0 && (b.perSecond == 0 || f.RPM/60 < b.perSecond) {
		b.perSecond, a.learn.refused = f.RPM/60, true
	}
	if f.BurstMS > 0 {
		b.burst = min(burstMax, time.Duration(f.BurstMS)*time.Millisecond)
	}
}

// found is what is known beyond the config.
func (a *allowance) found(f Finding) Finding {
	f.FoundAt, f.BurstMS = a.foundAt, a.requests.burst.Milliseconds()
	if a.learn.refused {
		f.RPM = a.requests.perSecond * 60
	}
	if !a.known.requests {
		f.ToldRPM = a.learn.ceiling * 60
	}
	if !a.known.tokens {
		f.ToldTPM = a.tokens.perSecond * 60
	}
	return f
}
