package dispatcher

import (
	"context"
	"fmt"

	"qgen-sidecar/dispatcher/outcome"
	"qgen-sidecar/dispatcher/schedule"
)

// Status is a snapshot, in the order of the config.
func (d *Dispatcher) Status() []EndpointStatus { return d.scheduler.Status() }

// Queue says what waits and why: a line for each job in each class, the most
// urgent class first, empty when every call has its place.
func (d *Dispatcher) Queue() []Waiting { return d.scheduler.Queue() }

// Capacity is how many calls may be in flight at once at the endpoints named,
// each counted once, and at all of them where a list is empty. Dead endpoints
// count too: they may come back.
func (d *Dispatcher) Capacity(names ...[]string) int { return d.scheduler.Capacity(names...) }

// Probe asks an endpoint nothing but whether it can be reached with its key,
// and brings back to life one that was dead and now can. An endpoint without a
// list of models passes: model is checked by asking it.
func (d *Dispatcher) Probe(ctx context.Context, name, model string) error {
	found := d.scheduler.Find(name)
	if found == nil {
		return fmt.Errorf("no endpoint is called %q", name)
	}
	e := found.Value.(*endpoint)
	none := func(state, why string) error {
		return &NoEndpointError{Model: model, Endpoints: []EndpointFailure{{Name: name, State: state, LastError: why}}}
	}
	if why := unsetKey(e.config); why != "" {
		return none(schedule.Dead, why)
	}
	api, ok := e.backend.(remote)
	if !ok {
		return nil
	}
	ctx, cancel := outcome.WithTimeout(ctx, e.config.Timeout)
	defer cancel()
	switch o := api.Probe(ctx); o.Kind {
	case outcome.Answered:
		d.scheduler.Revive(found)
		return nil
	case outcome.Abandoned:
		return context.Cause(ctx)
	case outcome.Denied:
		return none(schedule.Dead, o.Message)
	default:
		return none(schedule.Cooling, o.Message)
	}
}
