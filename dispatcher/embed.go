package dispatcher

import (
	"context"
	"encoding/json"
	"strings"

	"qgen-sidecar/dispatcher/outcome"
	"qgen-sidecar/dispatcher/schedule"
	"qgen-sidecar/internal/parallel"
)

// embedBatch texts go in one request, embedParallel requests at a time.
const (
	embedBatch    = 64
	embedParallel = 4
)

// Embed answers one vector per text. Each text is kept by itself, so that only
// new ones are sent.
func (d *Dispatcher) Embed(ctx context.Context, req EmbedRequest) (EmbedReply, error) {
	eligible := d.scheduler.Eligible(req.Endpoints, req.Model, false)
	if len(eligible) == 0 {
		return EmbedReply{}, &NoEndpointError{Model: req.Model}
	}
	if len(req.Texts) == 0 {
		return EmbedReply{Usage: spend{}.usage()}, nil
	}
	if req.Fresh {
		ctx, end := d.whileAlive(ctx)
		defer end()
		return d.answerEmbed(ctx, req, eligible)
	}
	raw, err := json.Marshal(req.Texts)
	if err != nil {
		return EmbedReply{}, err
	}
	same := hashRequest("embed", strings.Join(req.Endpoints, "\n")+"\n"+req.Model, raw, 0)
	return d.embeds.share(ctx, same, nil,
		func(ctx context.Context) (EmbedReply, error) { return d.answerEmbed(ctx, req, eligible) },
		func(reply *EmbedReply) {
			reply.Usage = cachedReply.usage()
			accountOf(ctx).add(cachedReply)
		})
}

// answerEmbed looks every text up and sends the rest in batches.
func (d *Dispatcher) answerEmbed(ctx context.Context, req EmbedRequest, eligible []schedule.Target) (EmbedReply, error) {
	vectors := map[string][]float32{}
	var unknown []string
	for _, text := range req.Texts {
		if _, seen := vectors[text]; seen {
			continue
		}
		vectors[text] = d.cachedVector(req, eligible, text)
		if vectors[text] == nil {
			unknown = append(unknown, text)
		}
	}
	spent, err := d.sendTexts(ctx, req, eligible, unknown, vectors)
	if err != nil {
		return EmbedReply{}, err
	}
	reply := EmbedReply{Usage: spent.usage(), Vectors: make([][]float32, len(req.Texts))}
	for i, text := range req.Texts {
		reply.Vectors[i] = vectors[text]
	}
	return reply, nil
}

// sendTexts fills in the vectors that are unknown.
func (d *Dispatcher) sendTexts(ctx context.Context, req EmbedRequest, eligible []schedule.Target, unknown []string, vectors map[string][]float32) (spend, error) {
	if len(unknown) == 0 {
		accountOf(ctx).add(cachedReply)
		return cachedReply, nil
	}
	group, groupCtx := parallel.NewGroup(ctx, embedParallel)
	var batches []*embedding
	for len(unknown) > 0 {
		n := min(embedBatch, len(unknown))
		b := d.newEmbedding(req, eligible, unknown[:n])
		batches, unknown = append(batches, b), unknown[n:]
		group.Go(func() error { return b.fetch(groupCtx) })
	}
	if err := group.Wait(); err != nil {
		return spend{}, err
	}
	var spent spend
	for _, b := range batches {
		spent.add(b.spent)
		for i, text := range b.texts {
			vectors[text] = b.vectors[i]
		}
	}
	return spent, nil
}

// embedding is a call for one batch.
type embedding struct {
	call
	texts   []string
	vectors [][]float32
}

func (d *Dispatcher) newEmbedding(req EmbedRequest, eligible []schedule.Target, texts []string) *embedding {
	tokens := 0
	for _, t := range texts {
		tokens += len(t)/4 + 1
	}
	b := &embedding{call: d.newCall(eligible, req.Priority, req.Job, tokens), texts: texts}
	b.role, b.model, b.trace = "embed", req.Model, req.Trace
	b.send = func(ctx context.Context, to backend) *outcome.Outcome { return to.embed(ctx, req.Model, texts) }
	return b
}

// fetch asks and keeps each vector: a batch that was paid is not asked again
// when another batch fails.
func (b *embedding) fetch(ctx context.Context) error {
	i, a, err := b.ask(ctx)
	if err != nil {
		return err
	}
	b.vectors = a.Vectors
	for n, text := range b.texts {
		b.d.cache.put(textKey(at(b.want.Eligible[i]), b.model, text), entry{Vector: packVector(a.Vectors[n]), Model: a.Model})
	}
	return nil
}

func (d *Dispatcher) cachedVector(req EmbedRequest, eligible []schedule.Target, text string) []float32 {
	if req.Fresh || d.cache == nil {
		return nil
	}
	for _, t := range eligible {
		if found, ok := d.cache.get(textKey(at(t), req.Model, text)); ok && len(found.Vector) > 0 {
			return unpackVector(found.Vector)
		}
	}
	return nil
}

func textKey(e *endpoint, model, text string) key {
	return hashRequest("embed", e.address, []byte(e.model(model)+"\n"+text), 0)
}
