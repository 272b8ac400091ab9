package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/internal/jsonvalue"
)

// questionNamespace is the UUIDv5 namespace of saved questions' ids: itself the
// UUIDv5 of "qgen-sidecar/questions" in the URL namespace of RFC 9562.
var questionNamespace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("qgen-sidecar/questions"))

// Question is what is to be saved.
type Question struct {
	Query, Persona         string
	ChunkID                api.ChunkID
	ChunkText              string
	QueryType, QueryFormat string
	ProgramHash, Model     string
	Payload                map[string]any
	Vector                 []float32
	Made                   *Making // nil: not by this process
}

// Making is what is known of a question beyond its texts.
type Making struct {
	Collection string // of the chunk
	Endpoint   string // that wrote it
	Gates      []string
	Again      bool // it was refused once, and asked again
	Earlier    int  // questions of the chunk that it was to differ from
}

// Prepared is a question with what is saved of its chunk.
type Prepared struct {
	Question
	chunk Point
}

// Prepare reads what is needed of the question's chunk, before anything is paid for.
func (st *Store) Prepare(ctx context.Context, q Question) (Prepared, error) {
	p := Prepared{Question: q}
	if _, err := st.client(ctx); err != nil {
		return p, err
	}
	if q.ChunkText == "" || len(st.cfg.Store.Questions.CopyFields) > 0 {
		var err error
		if p.chunk, err = st.copiedFrom(ctx, q.ChunkID); err != nil {
			return p, err
		}
	}
	if p.ChunkText == "" {
		p.ChunkText = chunkOf(st.cfg.Store, p.chunk).Text
	}
	return p, nil
}

// Save saves a question that has its vector, with what it cost. It is on disk
// before this returns.
func (st *Store) Save(ctx context.Context, q Prepared, paid api.Usage) (any, error) {
	client, err := st.client(ctx)
	if err != nil {
		return nil, err
	}
	if err := st.ensureQuestions(ctx, client, len(q.Vector)); err != nil {
		return nil, err
	}
	point, err := st.questionPoint(q.Question, q.chunk.payload, paid)
	if err != nil {
		return nil, err
	}
	wait := true // acknowledged means on disk
	collection := st.cfg.Store.Questions.Collection
	_, err = client.Upsert(ctx, &qdrant.UpsertPoints{CollectionName: collection, Wait: &wait, Points: []*qdrant.PointStruct{point}})
	if err != nil {
		return nil, st.fault(ctx, collection, err)
	}
	return idOf(point.GetId()).Value(), nil
}

// copiedFrom reads the chunk's point. Only copy_fields cannot do without it.
func (st *Store) copiedFrom(ctx context.Context, chunk api.ChunkID) (Point, error) {
	s := st.cfg.Store
	if id, ok := ParseID(chunk); ok {
		found, err := st.points(ctx, s.Collection, []ID{id})
		if err != nil && !(NoCollection(err) && len(s.Questions.CopyFields) == 0) {
			return Point{}, err
		}
		if p, there := found[id]; there {
			return p, nil
		}
	}
	if len(s.Questions.CopyFields) > 0 {
		return Point{}, &api.ParamError{Param: "chunk_id", Expected: fmt.Sprintf("the id of a point in collection %q, whose %s are to be copied", s.Collection, strings.Join(s.Questions.CopyFields, ", ")), Found: chunk.String()}
	}
	return Point{}, nil
}

// questionPoint is the point as store.questions shapes it. Later keys win:
// provenance, the config's constants, the chunk's copied fields, the call's own
// payload, and at last the question and its chunk's id.
func (st *Store) questionPoint(q Question, chunk map[string]*qdrant.Value, paid api.Usage) (*qdrant.PointStruct, error) {
	shape := st.cfg.Store.Questions
	values := map[string]any{"persona_description": q.Persona, keyTextHash: files.Hash(q.ChunkText), "created_at": time.Now().UTC().Format(time.RFC3339)}
	for key, v := range map[string]string{"query_type": q.QueryType, "query_format": q.QueryFormat, "program_hash": q.ProgramHash, "model": q.Model} {
		if v != "" {
			values[key] = v
		}
	}
	if q.Made != nil {
		values[keyProvenance] = st.provenance(q.Made, paid)
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
	own, err := toPayload("payload", q.Payload)
	if err != nil {
		return nil, err
	}
	for key, v := range own {
		payload[key] = v
	}
	payload[shape.QueryField], payload[shape.ChunkIDField] = qdrant.NewValueString(q.Query), chunkIDValue(q.ChunkID)
	vectors := qdrant.NewVectorsDense(q.Vector)
	if shape.Vector != "" {
		vectors = qdrant.NewVectorsMap(map[string]*qdrant.Vector{shape.Vector: qdrant.NewVectorDense(q.Vector)})
	}
	return &qdrant.PointStruct{Id: st.questionID(q), Vectors: vectors, Payload: payload}, nil
}

// questionID is random, or the UUIDv5 of the JSON array [chunk id as text,
// hex SHA-256 of the chunk's text and a zero byte, persona, program hash,
// query]: a retry is the same point, a changed text or program another one.
func (st *Store) questionID(q Question) *qdrant.PointId {
	if st.cfg.Store.Questions.ID == "random" {
		return qdrant.NewIDUUID(uuid.NewString())
	}
	name, _ := jsonvalue.Marshal([]string{q.ChunkID.String(), files.Hash(q.ChunkText), q.Persona, q.ProgramHash, q.Query}) // strings always marshal
	return qdrant.NewIDUUID(uuid.NewSHA1(questionNamespace, name).String())
}

// provenance is what stands under that key in a saved question: how it was made
// and what it cost, its embedding and gates included.
func (st *Store) provenance(m *Making, paid api.Usage) map[string]any {
	gates := make([]any, len(m.Gates))
	for i, gate := range m.Gates {
		gates[i] = gate
	}
	out := map[string]any{"collection": m.Collection, "endpoint": m.Endpoint, "gates": gates, "asked_again": m.Again, "earlier_questions": m.Earlier,
		"calls": paid.Calls, "cached": paid.Cached, "prompt_tokens": paid.PromptTokens, "completion_tokens": paid.CompletionTokens, "version": st.version}
	if paid.USD != nil {
		out["usd"] = *paid.USD
	}
	return out
}
