package dispatcher

import (
	"context"
	"errors"
	"fmt"

	"qgen-sidecar/dispatcher/outcome"
)

// chat is a call for a chat completion with its keys.
type chat struct {
	call
	wire  *chatCall
	share key   // of equal requests in flight
	keys  []key // in the cache, by eligible endpoint; none without a cache
}

func (d *Dispatcher) newChat(req Request) (*chat, error) {
	eligible := d.scheduler.Eligible(req.Endpoints, req.Model, true)
	if len(eligible) == 0 {
		return nil, &NoEndpointError{Model: req.Model}
	}
	wire := &chatCall{req: req}
	c := &chat{call: d.newCall(eligible, req.Priority, req.Job, wire.tokens()), wire: wire}
	c.role, c.model, c.trace, wire.id = req.Role, req.Model, req.Trace, c.id
	c.send = func(ctx context.Context, b backend) *outcome.Outcome { return b.chat(ctx, wire) }
	return c, c.makeKeys()
}

// makeKeys hashes the request once for each address and model name that it may
// go to.
func (c *chat) makeKeys() error {
	raw, err := c.wire.prepare(c.model)
	if err != nil {
		return err
	}
	c.share = hashRequest("chat", c.want.Names, raw, c.wire.req.Rollout)
	if c.d.cache == nil {
		return nil
	}
	c.keys = make([]key, len(c.want.Eligible))
	for i, t := range c.want.Eligible {
		e := at(t)
		if i > 0 && e.sameModelAs(at(c.want.Eligible[i-1]), c.model) {
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

// Chat answers one request: from the cache, or from an endpoint.
func (d *Dispatcher) Chat(ctx context.Context, req Request) (Reply, error) {
	c, err := d.newChat(req)
	if err != nil {
		return Reply{}, err
	}
	if onlyCached(ctx) {
		return d.recall(ctx, c)
	}
	c.want.Order = orderOf(ctx)
	if req.Fresh {
		// Whoever asks afresh wants an answer of their own.
		ctx, end := d.whileAlive(ctx)
		defer end()
		return d.freshChat(ctx, c)
	}
	return d.chats.share(ctx, c.share, &c.want,
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
	return Reply{}, c.collect(collectorOf(ctx))
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
			return Reply{Text: e.Text, Endpoint: c.want.Eligible[i].Name, Model: e.Model,
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
		d.cache.put(c.keys[i], entry{Text: a.Text, Model: a.Model, FinishReason: a.Finish})
	}
	return Reply{Text: a.Text, Endpoint: c.want.Eligible[i].Name, Model: a.Model,
		FinishReason: a.Finish, Usage: c.spent.usage()}, nil
}

// collect hands the request over, if anybody wants it.
func (c *chat) collect(wanted *collector) error {
	if wanted == nil {
		return ErrNotCached
	}
	if len(c.keys) == 0 {
		return errors.New("expected a reply cache (cache.path): a batch's replies are kept there, found none")
	}
	for i, t := range c.want.Eligible {
		api, ok := at(t).backend.(remote)
		if !ok || wanted.endpoint != "" && wanted.endpoint != t.Name {
			continue
		}
		model := at(t).model(c.model)
		body, err := c.wire.Body(model, api.QuirksOf(model))
		if err != nil {
			return err
		}
		if err := wanted.hand(c.keys[i], body); err != nil {
			return err
		}
		return ErrNotCached
	}
	if wanted.endpoint != "" {
		return fmt.Errorf("expected an endpoint that serves the role %s, found %q", c.role, wanted.endpoint)
	}
	return fmt.Errorf("expected an endpoint with an address for the role %s: the host's own function takes no batches", c.role)
}
