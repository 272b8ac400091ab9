package dispatcher

import "context"

// chat is a call for a chat completion with its keys.
type chat struct {
	call
	share string   // of equal requests in flight
	keys  []string // in the cache, by eligible endpoint; none without a cache
}

func (d *Dispatcher) newChat(req Request) (*chat, error) {
	eligible := d.scheduler.eligible(req.Endpoints, req.Model, true)
	if len(eligible) == 0 {
		return nil, &NoEndpointError{Model: req.Model}
	}
	wire := &chatCall{req: req}
	c := &chat{call: d.newCall(eligible, req.Priority, req.Job, wire.tokens())}
	c.role, c.model, c.trace, wire.id = req.Role, req.Model, req.Trace, c.id
	c.send = func(ctx context.Context, b backend) outcome { return b.chat(ctx, wire) }
	return c, c.makeKeys(wire)
}

// makeKeys hashes the request once for each model name that it is sent under.
func (c *chat) makeKeys(wire *chatCall) error {
	bodies := map[string][]byte{}
	body := func(model string) ([]byte, error) {
		if raw, ok := bodies[model]; ok {
			return raw, nil
		}
		raw, err := wire.body(model, quirks{})
		bodies[model] = raw
		return raw, err
	}
	raw, err := body(c.model)
	if err != nil {
		return err
	}
	c.share = cacheKey("chat", c.flowNames(), raw, wire.req.Rollout)
	if c.d.cache == nil {
		return nil
	}
	for _, e := range c.want.eligible {
		raw, err := body(e.model(c.model))
		if err != nil {
			return err
		}
		c.keys = append(c.keys, cacheKey("chat", e.address, raw, wire.req.Rollout))
	}
	return nil
}

// flowNames are the eligible endpoints: equal requests for different ones are
// not the same call.
func (c *call) flowNames() string {
	names := ""
	for _, e := range c.want.eligible {
		names += e.config.Name + "\n"
	}
	return names
}
