package rpc

import (
	"math"
	"slices"
	"time"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
)

func (s *session) status(c *call, _ api.Empty) (api.StatusResult, error) {
	svc, err := s.state.gate(c.ctx)
	if err != nil {
		return api.StatusResult{}, err
	}
	store, err := svc.StoreInfo(c.ctx)
	switch {
	case err != nil && (store == nil || c.ctx.Err() != nil):
		return api.StatusResult{}, err
	case err != nil: // the rest is wanted all the more
		store.Warnings = append(store.Warnings, err.Error())
	}
	r := api.StatusResult{UptimeS: seconds(time.Since(s.started)), Store: withoutKey(store), Endpoints: []dispatcher.EndpointStatus{}, Jobs: s.jobs()}
	if d := svc.Dispatcher(); d != nil {
		r.Endpoints, r.Queue = nonNil(d.Status()), d.Queue()
	}
	return r, nil
}

// withoutKey: initialize told the host the share's key once; a status is shown
// and logged.
func withoutKey(store *api.StoreInfo) *api.StoreInfo {
	if store == nil || store.Share == nil {
		return store
	}
	shown, share := *store, *store.Share
	share.APIKey = ""
	shown.Share = &share
	return &shown
}

// jobs are the long calls in flight, oldest first.
func (s *session) jobs() []api.Job {
	long := slices.DeleteFunc(s.calls.list(), func(c *call) bool { return s.calls.progressOf(c) == nil })
	slices.SortFunc(long, func(a, b *call) int { return int(int64(a.number) - int64(b.number)) })
	out := []api.Job{}
	for _, c := range long {
		if id := s.stream.CallerID(c.number); id != nil {
			done, total := s.calls.progressOf(c).state()
			out = append(out, api.Job{ID: id, Method: c.method, Done: done, Total: total})
		}
	}
	return out
}

func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*1000) / 1000 }
