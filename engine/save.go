package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/qdrantlock"
)

// questionNamespace is the UUIDv5 namespace of saved questions' ids: itself the
// UUIDv5 of "qgen-sidecar/questions" in the URL namespace of RFC 9562.
var questionNamespace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("qgen-sidecar/questions"))

// question is what is to be saved.
type question struct {
	query, persona         string
	chunkID                ChunkID
	chunkText              string
	queryType, queryFormat string
	programHash, model     string
	payload                map[string]any
	vector                 []float32
}

// SaveQuestion saves a question that the caller has. It is on disk before this
// returns.
func (e *Engine) SaveQuestion(ctx context.Context, p SaveQuestionParams) (*SaveQuestionResult, error) {
	c, err := e.begin(ctx, "save-question", p.Call, dispatcher.Interactive, nil)
	if err != nil {
		return nil, err
	}
	defer c.cancel()
	if err := requireText("query", p.Query); err != nil {
		return nil, err
	}
	if p.ChunkID.IsZero() {
		return nil, &ParamError{Param: "chunk_id", Expected: "the chunk's id", Found: "none"}
	}
	if err := e.canSave(c.ctx, p.Vector); err != nil {
		return nil, c.fault(err)
	}
	q := question{query: p.Query, chunkID: p.ChunkID, queryType: p.QueryType, queryFormat: p.QueryFormat, payload: p.Payload, vector: p.Vector}
	if p.PersonaDescription != nil {
		q.persona = *p.PersonaDescription
	}
	id, err := e.saveQuestion(c, q)
	if err != nil {
		return nil, c.fault(err)
	}
	return &SaveQuestionResult{PointID: id}, nil
}

// canSave: found out before anything is paid for.
func (e *Engine) canSave(ctx context.Context, vector []float32) error {
	if _, err := e.client(ctx); err != nil {
		return err
	}
	if len(vector) > 0 {
		if err := checkFinite(vector); err != nil {
			return &ParamError{Param: "vector", Expected: "finite numbers", Found: err.Error()}
		}
		return nil
	}
	if !e.canEmbed() {
		return needEmbed("vector", "to save the question with")
	}
	return nil
}

func (e *Engine) saveQuestion(c *call, q question) (any, error) {
	client, err := e.client(c.ctx)
	if err != nil {
		return nil, err
	}
	chunk, err := e.chunkOf(c.ctx, q.chunkID)
	if err != nil {
		return nil, err
	}
	if q.chunkText == "" {
		q.chunkText, _ = e.chunkText(chunk)
	}
	if len(q.vector) == 0 {
		vectors, err := e.embed(c, []string{q.query}, forQuery)
		if err != nil {
			return nil, err
		}
		q.vector = vectors[0]
	}
	if err := e.ensureQuestions(c.ctx, client, len(q.vector)); err != nil {
		return nil, err
	}
	point, err := e.questionPoint(q, chunk)
	if err != nil {
		return nil, err
	}
	wait := true // acknowledged means on disk
	collection := e.cfg.Store.Questions.Collection
	_, err = client.Upsert(c.ctx, &qdrant.UpsertPoints{CollectionName: collection, Wait: &wait, Points: []*qdrant.PointStruct{point}})
	if err != nil {
		return nil, e.storeFault(c.ctx, collection, err)
	}
	return idValue(point.GetId()), nil
}

// chunkOf reads the chunk's payload. Only copy_fields cannot do without it.
func (e *Engine) chunkOf(ctx context.Context, id ChunkID) (map[string]*qdrant.Value, error) {
	s := e.cfg.Store
	pid, ok := id.point()
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
		return nil, &ParamError{Param: "chunk_id", Expected: fmt.Sprintf("the id of a point in collection %q, whose %s are to be copied", s.Collection, strings.Join(s.Questions.CopyFields, ", ")), Found: id.String()}
	}
	return nil, nil
}

// questionPoint is the point as store.questions shapes it. Later keys win:
// provenance, the config's constants, the chunk's copied fields, the call's own
// payload, and at last the question and its chunk's id.
func (e *Engine) questionPoint(q question, chunk map[string]*qdrant.Value) (*qdrant.PointStruct, error) {
	shape := e.cfg.Store.Questions
	values := map[string]any{"persona_description": q.persona, "text_hash": hashOf(q.chunkText), "created_at": time.Now().UTC().Format(time.RFC3339)}
	for key, v := range map[string]string{"query_type": q.queryType, "query_format": q.queryFormat, "program_hash": q.programHash, "model": q.model} {
		if v != "" {
			values[key] = v
		}
	}
	for key, v := range shape.Payload {
		values[key] = v
	}
	payload, err := toPayload("store.questions.payload", values)
	if err != nil {
		return nil, err
	}
	for _, path := range shape.CopyFields {
		if v, ok := lookup(chunk, path); ok {
			payload[path] = v
		}
	}
	own, err := toPayload("payload", q.payload)
	if err != nil {
		return nil, err
	}
	for key, v := range own {
		payload[key] = v
	}
	fixed, err := toPayload("query", map[string]any{shape.QueryField: q.query, shape.ChunkIDField: q.chunkID.Value()})
	if err != nil {
		return nil, err
	}
	for key, v := range fixed {
		payload[key] = v
	}
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
	name, _ := marshal([]string{q.chunkID.String(), hashOf(q.chunkText), q.persona, q.programHash, q.query}) // strings always marshal
	return qdrant.NewIDUUID(uuid.NewSHA1(questionNamespace, name).String())
}

// toPayload turns decoded JSON into payload values. Whole numbers stay whole.
func toPayload(param string, values map[string]any) (map[string]*qdrant.Value, error) {
	whole := make(map[string]any, len(values))
	for key, v := range values {
		whole[key] = wholeNumbers(v)
	}
	payload, err := qdrant.TryValueMap(whole)
	if err != nil {
		return nil, &ParamError{Param: param, Expected: "JSON values", Found: err.Error()}
	}
	return payload, nil
}

// wholeNumbers undoes what decoding JSON into any does to integers.
func wholeNumbers(v any) any {
	switch t := v.(type) {
	case float64:
		if t == float64(int64(t)) && t > -(1<<53) && t < 1<<53 {
			return int64(t)
		}
	case json.Number:
		if i, err := t.Int64(); err == nil {
			return i
		}
		f, _ := t.Float64()
		return f
	case []any:
		out := make([]any, len(t))
		for i, item := range t {
			out[i] = wholeNumbers(item)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(t))
		for key, item := range t {
			out[key] = wholeNumbers(item)
		}
		return out
	}
	return v
}

// questionsShape remembers that the collection for questions is there and what
// vectors it takes.
type questionsShape struct {
	mu   sync.Mutex
	size int // 0: not looked at yet
}

// ensureQuestions creates the collection if it is missing, and refuses vectors
// of another size with words instead of the store's.
func (e *Engine) ensureQuestions(ctx context.Context, client *qdrant.Client, size int) error {
	shape := &e.questions
	shape.mu.Lock()
	defer shape.mu.Unlock()
	if shape.size == size {
		return nil
	}
	q := e.cfg.Store.Questions
	sizes, err := e.vectorSizes(ctx, q.Collection)
	if noCollection(err) {
		if err := e.createQuestions(ctx, client, size); err != nil {
			return err
		}
		sizes, err = e.vectorSizes(ctx, q.Collection)
	}
	if err != nil {
		return err
	}
	has, ok := sizes[q.Vector]
	if !ok {
		return e.questionsFault(fmt.Sprintf("expected a vector named %q (store.questions.vector), found %s", q.Vector, vectorNames(sizes)))
	}
	if has != size {
		return e.questionsFault(fmt.Sprintf("expected vectors of %d numbers, found one of %d: the collection was made with another embedding model", has, size))
	}
	shape.size = size
	return nil
}

func (e *Engine) createQuestions(ctx context.Context, client *qdrant.Client, size int) error {
	q := e.cfg.Store.Questions
	params := &qdrant.VectorParams{Size: uint64(size), Distance: qdrant.Distance_Cosine}
	vectors := qdrant.NewVectorsConfig(params)
	if q.Vector != "" {
		vectors = qdrant.NewVectorsConfigMap(map[string]*qdrant.VectorParams{q.Vector: params})
	}
	err := client.CreateCollection(ctx, &qdrant.CreateCollection{CollectionName: q.Collection, VectorsConfig: vectors})
	if status.Code(err) == codes.AlreadyExists { // another process was quicker
		return nil
	}
	if err == nil {
		e.log.Info("collection created", "collection", q.Collection, "size", size, "distance", "Cosine")
	}
	return e.storeFault(ctx, q.Collection, err)
}

func (e *Engine) questionsFault(reason string) error {
	s := e.cfg.Store
	return &qdrantlock.StoreError{Path: s.Path, URL: s.URL, Collection: s.Questions.Collection, Reason: reason}
}

// vectorSizes maps a collection's dense vectors to their sizes, "" the unnamed.
func (e *Engine) vectorSizes(ctx context.Context, collection string) (map[string]int, error) {
	client, err := e.client(ctx)
	if err != nil {
		return nil, err
	}
	info, err := client.GetCollectionInfo(ctx, collection)
	if err != nil {
		return nil, e.storeFault(ctx, collection, err)
	}
	sizes := map[string]int{}
	config := info.GetConfig().GetParams().GetVectorsConfig()
	if p := config.GetParams(); p != nil {
		sizes[""] = int(p.GetSize())
	}
	for name, p := range config.GetParamsMap().GetMap() {
		sizes[name] = int(p.GetSize())
	}
	return sizes, nil
}

// vectorFor is the vector of a collection that takes this many numbers: the
// unnamed one, else the first by name.
func (e *Engine) vectorFor(ctx context.Context, collection string, size int) (string, error) {
	sizes, err := e.vectorSizes(ctx, collection)
	if err != nil {
		return "", err
	}
	names := make([]string, 0, len(sizes))
	for name := range sizes {
		names = append(names, name)
	}
	sort.Strings(names) // "" first
	for _, name := range names {
		if sizes[name] == size {
			return name, nil
		}
	}
	s := e.cfg.Store
	return "", &qdrantlock.StoreError{Path: s.Path, URL: s.URL, Collection: collection,
		Reason: fmt.Sprintf("expected a vector of %d numbers, as the embedding model gives, found %s", size, vectorNames(sizes))}
}

func vectorNames(sizes map[string]int) string {
	var parts []string
	for name, size := range sizes {
		if name == "" {
			name = "the unnamed one"
		}
		parts = append(parts, fmt.Sprintf("%s (%d)", name, size))
	}
	if len(parts) == 0 {
		return "no dense vector"
	}
	sort.Strings(parts)
	return strings.Join(parts, ", ")
}
