package dispatcher

import "context"

// chat is a call for a chat completion with its keys.
type chat struct {
	call
	wire  *chatCall
	share key   // of equal requests in flight
	keys  []key // in the cache, by eligible endpoint; none without a cache
}

func (d *Dispatcher) newChat(req Request) (*chat, error) {
	eligible := d.scheduler.eligible(req.Endpoints, req.Model, true)
	if len(eligible) == 0 {
		return nil, &NoEndpointError{Model: req.Model}
	}
	wire := &chatCall{req: req}
	c := &chat{call: d.newCall(eligible, req.Priority, req.Job, wire.tokens()), wire: wire}
	c.role, c.model, c.trace, wire.id = req.Role, req.Model, req.Trace, c.id
	c.send = func(ctx context.Context, b backend) *outcome { return b.chat(ctx, wire) }
	return c, c.makeKeys()
}

// makeKeys hashes the request once for each address and model name that it may
// go to.
func (c *chat) makeKeys() error {
	raw, err := c.wire.prepare(c.model)
	if err != nil {
		return err
	}
	c.share = hashRequest("chat", c.names, raw, c.wire.req.Rollout)
	if c.d.cache == nil {
		return nil
	}
	c.keys = make([]key, len(c.want.eligible))
	for i, e := range c.want.eligible {
		if i > 0 && e.sameModelAs(c.want.eligible[i-1].endpoint, c.model) {
			c.keys[i] = c.keys[i-1]
			continue
		}
		raw, err := c.wire.prepare(e.model(c.model))
		if err != nil {
			return err
		}
		c.keys[i] = hashRequest("chat", e.address, raw, c.wire.req.Rollout)
	}
	return nil
}

// sameModelAs reports whether two endpoints are keys of one API.
func (e *endpoint) sameModelAs(other *endpoint, model string) bool {
	return e.address == other.address && e.model(model) == other.model(model)
}

// Chat answers one request: from the cache, or from an endpoint.
func (d *Dispatcher) Chat(ctx context.Context, req Request) (Reply, error) {
	c, err := d.newChat(req)
	if err != nil {
		return Reply{}, err
	}
	if onlyCached(ctx) {
		return d.recall(ctx, c)
	}
	c.want.order = orderOf(ctx)
	if req.Fresh {
		// Whoever asks afresh wants an answer of their own.
		ctx, end := d.whileAlive(ctx)
		defer end()
		return d.freshChat(ctx, c)
	}
	return d.chats.share(ctx, c.share, &c.call,
		func(ctx context.Context) (Reply, error) { return d.answerChat(ctx, c) },
		func(reply *Reply) {
			reply.Cached, reply.Usage = true, cachedReply.usage()
			accountOf(ctx).add(cachedReply)
		})
}

// recall answers what is known, unless it was to be asked afresh.
func (d *Dispatcher) recall(ctx context.Context, c *chat) (Reply, error) {
	if !c.wire.req.Fresh {
		if reply, ok := d.cachedChat(c); ok {
			accountOf(ctx).add(cachedReply)
			return reply, nil
		}
	}
	return Reply{}, c.collect(ctx)
}

func (d *Dispatcher) answerChat(ctx context.Context, c *chat) (Reply, error) {
	if reply, ok := d.cachedChat(c); ok {
		accountOf(ctx).add(cachedReply)
		return reply, nil
	}
	return d.freshChat(ctx, c)
}

func (d *Dispatcher) cachedChat(c *chat) (Reply, bool) {
	for i, key := range c.keys {
		if i > 0 && key == c.keys[i-1] {
			continue
		}
		if e, ok := d.cache.get(key); ok {
			return Reply{Text: e.Text, Endpoint: c.want.eligible[i].config.Name, Model: e.Model,
				FinishReason: e.FinishReason, Usage: cachedReply.usage(), Cached: true}, true
		}
	}
	return Reply{}, false
}

func (d *Dispatcher) freshChat(ctx context.Context, c *chat) (Reply, error) {
	i, a, err := c.ask(ctx)
	if err != nil {
		return Reply{}, err
	}
	if len(c.keys) > 0 {
		d.cache.put(c.keys[i], entry{Text: a.text, Model: a.model, FinishReason: a.finish})
	}
	return Reply{Text: a.text, Endpoint: c.want.eligible[i].config.Name, Model: a.model,
		FinishReason: a.finish, Usage: c.spent.usage()}, nil
}
