package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/internal/jsonvalue"
)

// questionNamespace is the UUIDv5 namespace of saved questions' ids: itself the
// UUIDv5 of "qgen-sidecar/questions" in the URL namespace of RFC 9562.
var questionNamespace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("qgen-sidecar/questions"))

// question is what is to be saved.
type question struct {
	query, persona         string
	chunkID                api.ChunkID
	chunkText              string
	queryType, queryFormat string
	programHash, model     string
	payload                map[string]any
	vector                 []float32
	made                   *making // nil: not by this process
}

// making is what is known of a question beyond its texts.
type making struct {
	collection string // of the chunk
	endpoint   string // that wrote it
	gates      []string
	again      bool // it was refused once, and asked again
	earlier    int  // questions of the chunk that it was to differ from
}

// provenance is what stands under that key in a saved question: how it was made
// and what it cost, its embedding and gates included.
func (e *Engine) provenance(m *making, paid api.Usage) map[string]any {
	gates := make([]any, len(m.gates))
	for i, gate := range m.gates {
		gates[i] = gate
	}
	out := map[string]any{"collection": m.collection, "endpoint": m.endpoint, "gates": gates, "asked_again": m.again, "earlier_questions": m.earlier,
		"calls": paid.Calls, "cached": paid.Cached, "prompt_tokens": paid.PromptTokens, "completion_tokens": paid.CompletionTokens, "version": e.opts.Version}
	if paid.USD != nil {
		out["usd"] = *paid.USD
	}
	return out
}

// SaveQuestion saves a question that the caller has. It is on disk before this
// returns.
func (e *Engine) SaveQuestion(ctx context.Context, p api.SaveQuestionParams) (*api.SaveQuestionResult, error) {
	c, err := e.lm.Begin(ctx, "save-question", p.Call, dispatcher.Interactive, nil)
	if err != nil {
		return nil, err
	}
	defer c.Cancel()
	if err := api.RequireText("query", p.Query); err != nil {
		return nil, err
	}
	if p.ChunkID.IsZero() {
		return nil, &api.ParamError{Param: "chunk_id", Expected: "the chunk's id", Found: "none"}
	}
	if err := e.canSave(c.Ctx, p.Vector); err != nil {
		return nil, c.Fault(err)
	}
	q := question{query: p.Query, chunkID: p.ChunkID, queryType: p.QueryType, queryFormat: p.QueryFormat, payload: p.Payload, vector: p.Vector}
	if p.PersonaDescription != nil {
		q.persona = *p.PersonaDescription
	}
	id, err := e.saveQuestion(c, q)
	if err != nil {
		return nil, c.Fault(err)
	}
	return &api.SaveQuestionResult{PointID: id}, nil
}

// canSave: found out before anything is paid for.
func (e *Engine) canSave(ctx context.Context, vector []float32) error {
	if _, err := e.client(ctx); err != nil {
		return err
	}
	if len(vector) > 0 {
		if err := lm.CheckFinite(vector); err != nil {
			return &api.ParamError{Param: "vector", Expected: "finite numbers", Found: err.Error()}
		}
		return nil
	}
	if !e.lm.CanEmbed() {
		return lm.NeedEmbed("vector", "to save the question with")
	}
	return nil
}

func (e *Engine) saveQuestion(c *lm.Call, q question) (any, error) {
	client, err := e.client(c.Ctx)
	if err != nil {
		return nil, err
	}
	var chunk map[string]*qdrant.Value
	if q.chunkText == "" || len(e.cfg.Store.Questions.CopyFields) > 0 {
		if chunk, err = e.chunkOf(c.Ctx, q.chunkID); err != nil {
			return nil, err
		}
	}
	if q.chunkText == "" {
		q.chunkText, _ = e.chunkText(chunk)
	}
	if len(q.vector) == 0 {
		vectors, err := e.lm.Embed(c, []string{q.query}, lm.ForQuery)
		if err != nil {
			return nil, err
		}
		q.vector = vectors[0]
	}
	if err := e.ensureQuestions(c.Ctx, client, len(q.vector)); err != nil {
		return nil, err
	}
	point, err := e.questionPoint(q, chunk, c.Usage())
	if err != nil {
		return nil, err
	}
	wait := true // acknowledged means on disk
	collection := e.cfg.Store.Questions.Collection
	_, err = client.Upsert(c.Ctx, &qdrant.UpsertPoints{CollectionName: collection, Wait: &wait, Points: []*qdrant.PointStruct{point}})
	if err != nil {
		return nil, e.storeFault(c.Ctx, collection, err)
	}
	return idValue(point.GetId()), nil
}

// chunkOf reads the chunk's payload. Only copy_fields cannot do without it.
func (e *Engine) chunkOf(ctx context.Context, id api.ChunkID) (map[string]*qdrant.Value, error) {
	s := e.cfg.Store
	pid, ok := pointID(id)
	if ok {
		found, err := e.getPoints(ctx, s.Collection, []*qdrant.PointId{pid})
		if err != nil && !(noCollection(err) && len(s.Questions.CopyFields) == 0) {
			return nil, err
		}
		if p := found[idKey(pid)]; p != nil {
			return p.GetPayload(), nil
		}
	}
	if len(s.Questions.CopyFields) > 0 {
		return nil, &api.ParamError{Param: "chunk_id", Expected: fmt.Sprintf("the id of a point in collection %q, whose %s are to be copied", s.Collection, strings.Join(s.Questions.CopyFields, ", ")), Found: id.String()}
	}
	return nil, nil
}

// questionPoint is the point as store.questions shapes it. Later keys win:
// provenance, the config's constants, the chunk's copied fields, the call's own
// payload, and at last the question and its chunk's id.
func (e *Engine) questionPoint(q question, chunk map[string]*qdrant.Value, paid api.Usage) (*qdrant.PointStruct, error) {
	shape := e.cfg.Store.Questions
	values := map[string]any{"persona_description": q.persona, keyTextHash: files.Hash(q.chunkText), "created_at": time.Now().UTC().Format(time.RFC3339)}
	for key, v := range map[string]string{"query_type": q.queryType, "query_format": q.queryFormat, "program_hash": q.programHash, "model": q.model} {
		if v != "" {
			values[key] = v
		}
	}
	if q.made != nil {
		values[keyProvenance] = e.provenance(q.made, paid)
	}
	for key, v := range shape.Payload {
		values[key] = v
	}
	payload, err := toPayload("store.questions.payload", values)
	if err != nil {
		return nil, err
	}
	for _, path := range shape.CopyFields {
		copyField(payload, chunk, path)
	}
	own, err := toPayload("payload", q.payload)
	if err != nil {
		return nil, err
	}
	for key, v := range own {
		payload[key] = v
	}
	payload[shape.QueryField], payload[shape.ChunkIDField] = qdrant.NewValueString(q.query), chunkIDValue(q.chunkID)
	vectors := qdrant.NewVectorsDense(q.vector)
	if shape.Vector != "" {
		vectors = qdrant.NewVectorsMap(map[string]*qdrant.Vector{shape.Vector: qdrant.NewVectorDense(q.vector)})
	}
	return &qdrant.PointStruct{Id: e.questionID(q), Vectors: vectors, Payload: payload}, nil
}

// questionID is random, or the UUIDv5 of the JSON array [chunk id as text,
// hex SHA-256 of the chunk's text and a zero byte, persona, program hash,
// query]: a retry is the same point, a changed text or program another one.
func (e *Engine) questionID(q question) *qdrant.PointId {
	if e.cfg.Store.Questions.ID == "random" {
		return qdrant.NewIDUUID(uuid.NewString())
	}
	name, _ := jsonvalue.Marshal([]string{q.chunkID.String(), files.Hash(q.chunkText), q.persona, q.programHash, q.query}) // strings always marshal
	return qdrant.NewIDUUID(uuid.NewSHA1(questionNamespace, name).String())
}
