package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/go-hclog"
	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/internal/jsonvalue"
	"qgen-sidecar/internal/vectors"
	"qgen-sidecar/qdrantlock"
	"qgen-sidecar/qdrantlock/points"
)

// Collection is the one named, else the config's.
func (st *Store) Collection(named string) string {
	if named == "" && st.cfg.Store != nil {
		return st.cfg.Store.Collection
	}
	return named
}

// NoCollection: the store is there, the collection is not.
func NoCollection(err error) bool {
	var fault *qdrantlock.StoreError
	return errors.As(err, &fault) && fault.Err != nil && status.Code(fault.Err) == codes.NotFound
}

// ChunkText is a point's text as every prompt, sample and gold entry has it,
// and whether the point has one at all.
//
// With store.context_fields the fields that a point has come first, one a
// line, and a blank line before the text itself:
//
//	title: Moving house
//	section: Deposits
//
//	The deposit is returned within …
//
// A field is named by the last step of its path; lists are joined by commas.
func (st *Store) ChunkText(payload map[string]*qdrant.Value) (string, bool) {
	v, _ := lookup(payload, st.cfg.Store.TextField)
	text := v.GetStringValue()
	if strings.TrimSpace(text) == "" {
		return "", false
	}
	var context strings.Builder
	for _, path := range st.cfg.Store.ContextFields {
		v, _ := lookup(payload, path)
		if shown := contextValue(points.PlainValue(v)); shown != "" {
			fmt.Fprintf(&context, "%s: %s\n", path[strings.LastIndexByte(path, '.')+1:], shown)
		}
	}
	if context.Len() > 0 {
		context.WriteString("\n")
	}
	return context.String() + text, true
}

// OwnText is the text without context, for lengths.
func (st *Store) OwnText(payload map[string]*qdrant.Value) string {
	v, _ := lookup(payload, st.cfg.Store.TextField)
	return v.GetStringValue()
}

// Search finds the nearest points by a vector of the collection ("" the
// unnamed one), with payloads.
func (st *Store) Search(ctx context.Context, collection, vector string, v []float32, limit int, filter *qdrant.Filter) ([]*qdrant.ScoredPoint, error) {
	client, err := st.Client(ctx)
	if err != nil {
		return nil, err
	}
	n := uint64(limit)
	request := &qdrant.QueryPoints{CollectionName: collection, Query: qdrant.NewQueryDense(v), Limit: &n, Filter: filter,
		WithPayload: qdrant.NewWithPayload(true)}
	if vector != "" {
		request.Using = &vector
	}
	hits, err := client.Query(ctx, request)
	return hits, st.StoreFault(ctx, collection, err)
}

// ensureQuestions creates the collection if it is missing, and refuses vectors
// of another size with words instead of the store's.
func (st *Store) ensureQuestions(ctx context.Context, client *qdrant.Client, size int) error {
	shape := &st.questions
	shape.mu.Lock()
	defer shape.mu.Unlock()
	if shape.size == size {
		return nil
	}
	q := st.cfg.Store.Questions
	sizes, err := st.vectorSizes(ctx, q.Collection)
	if NoCollection(err) {
		if err := st.createQuestions(ctx, client, size); err != nil {
			return err
		}
		sizes, err = st.vectorSizes(ctx, q.Collection)
	}
	if err != nil {
		return err
	}
	has, ok := sizes[q.Vector]
	if !ok {
		return st.questionsFault(fmt.Sprintf("expected a vector named %q (store.questions.vector), found %s", q.Vector, vectorNames(sizes)))
	}
	if has != size {
		return st.questionsFault(fmt.Sprintf("expected vectors of %d numbers, found one of %d: the collection was made with another embedding model", has, size))
	}
	shape.size = size
	return nil
}

func (st *Store) createQuestions(ctx context.Context, client *qdrant.Client, size int) error {
	q := st.cfg.Store.Questions
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
		st.log.Info("collection created", "collection", q.Collection, "size", size, "distance", "Cosine")
	}
	return st.StoreFault(ctx, q.Collection, err)
}

func (st *Store) questionsFault(reason string) error {
	s := st.cfg.Store
	return &qdrantlock.StoreError{Path: s.Path, URL: s.URL, Collection: s.Questions.Collection, Reason: reason}
}

// vectorSizes maps a collection's dense vectors to their sizes, "" the unnamed.
func (st *Store) vectorSizes(ctx context.Context, collection string) (map[string]int, error) {
	client, err := st.Client(ctx)
	if err != nil {
		return nil, err
	}
	info, err := client.GetCollectionInfo(ctx, collection)
	if err != nil {
		return nil, st.StoreFault(ctx, collection, err)
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

// VectorFor is the vector of a collection that takes this many numbers: the
// unnamed one, else the first by name.
func (st *Store) VectorFor(ctx context.Context, collection string, size int) (string, error) {
	sizes, err := st.vectorSizes(ctx, collection)
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
	s := st.cfg.Store
	return "", &qdrantlock.StoreError{Path: s.Path, URL: s.URL, Collection: collection,
		Reason: fmt.Sprintf("expected a vector of %d numbers, as the embedding model gives, found %s", size, vectorNames(sizes))}
}

// RoundTripRank is the place of a chunk, or of a near twin, in a search with its
// question's vector, counted from 1; 0 when neither is among the first k.
func (st *Store) RoundTripRank(ctx context.Context, chunk *qdrant.PointId, using string, question []float32, k int) (int, error) {
	hits, err := st.searchVectors(ctx, st.Collection(""), using, question, k)
	if err != nil || len(hits) == 0 {
		return 0, err
	}
	own := len(hits)
	for i, hit := range hits {
		if IDKey(hit.GetId()) == IDKey(chunk) {
			own = i
			break
		}
	}
	if own == 0 {
		return 1, nil
	}
	twin, err := st.twinAmong(ctx, chunk, using, hits[:own])
	switch {
	case err != nil:
		return 0, err
	case twin > 0:
		return twin, nil
	case own < len(hits):
		return own + 1, nil
	}
	return 0, nil
}

// twinAmong is the place of the first hit that is a near twin of the chunk.
func (st *Store) twinAmong(ctx context.Context, chunk *qdrant.PointId, using string, hits []*qdrant.ScoredPoint) (int, error) {
	own, err := st.pointVector(ctx, st.Collection(""), chunk, using)
	if err != nil {
		return 0, err
	}
	for i, hit := range hits {
		if vectors.Cosine(own, denseOf(hit.GetVectors(), using)) >= st.cfg.Quality.TwinCosine {
			return i + 1, nil
		}
	}
	return 0, nil
}

// pointVector is a point's vector of that name; nil when either is not there.
func (st *Store) pointVector(ctx context.Context, collection string, id *qdrant.PointId, using string) ([]float32, error) {
	client, err := st.Client(ctx)
	if err != nil {
		return nil, err
	}
	points, err := client.Get(ctx, &qdrant.GetPoints{CollectionName: collection, Ids: []*qdrant.PointId{id}, WithVectors: withVector(using)})
	if err != nil || len(points) == 0 {
		return nil, st.StoreFault(ctx, collection, err)
	}
	return denseOf(points[0].GetVectors(), using), nil
}

// searchVectors is search with the hits' vectors in the place of their payloads.
func (st *Store) searchVectors(ctx context.Context, collection, using string, v []float32, limit int) ([]*qdrant.ScoredPoint, error) {
	client, err := st.Client(ctx)
	if err != nil {
		return nil, err
	}
	n := uint64(limit)
	request := &qdrant.QueryPoints{CollectionName: collection, Query: qdrant.NewQueryDense(v), Limit: &n, WithVectors: withVector(using)}
	if using != "" {
		request.Using = &using
	}
	hits, err := client.Query(ctx, request)
	return hits, st.StoreFault(ctx, collection, err)
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

// Prepare reads what is needed of the question's chunk, before anything is paid for.
func (st *Store) Prepare(ctx context.Context, q Question) (prepared, error) {
	p := prepared{Question: q}
	if _, err := st.Client(ctx); err != nil {
		return p, err
	}
	if q.ChunkText == "" || len(st.cfg.Store.Questions.CopyFields) > 0 {
		var err error
		if p.chunk, err = st.chunkOf(ctx, q.ChunkID); err != nil {
			return p, err
		}
	}
	if p.ChunkText == "" {
		p.ChunkText, _ = st.ChunkText(p.chunk)
	}
	return p, nil
}

// Save saves a question that has its vector, with what it cost. It is on disk
// before this returns.
func (st *Store) Save(ctx context.Context, q prepared, paid api.Usage) (any, error) {
	client, err := st.Client(ctx)
	if err != nil {
		return nil, err
	}
	if err := st.ensureQuestions(ctx, client, len(q.Vector)); err != nil {
		return nil, err
	}
	point, err := st.questionPoint(q.Question, q.chunk, paid)
	if err != nil {
		return nil, err
	}
	wait := true // acknowledged means on disk
	collection := st.cfg.Store.Questions.Collection
	_, err = client.Upsert(ctx, &qdrant.UpsertPoints{CollectionName: collection, Wait: &wait, Points: []*qdrant.PointStruct{point}})
	if err != nil {
		return nil, st.StoreFault(ctx, collection, err)
	}
	return IDValue(point.GetId()), nil
}

// chunkOf reads the chunk's payload. Only copy_fields cannot do without it.
func (st *Store) chunkOf(ctx context.Context, id api.ChunkID) (map[string]*qdrant.Value, error) {
	s := st.cfg.Store
	pid, ok := PointID(id)
	if ok {
		found, err := st.GetPoints(ctx, s.Collection, []*qdrant.PointId{pid})
		if err != nil && !(NoCollection(err) && len(s.Questions.CopyFields) == 0) {
			return nil, err
		}
		if p := found[IDKey(pid)]; p != nil {
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
func (st *Store) questionPoint(q Question, chunk map[string]*qdrant.Value, paid api.Usage) (*qdrant.PointStruct, error) {
	shape := st.cfg.Store.Questions
	values := map[string]any{"persona_description": q.Persona, KeyTextHash: files.Hash(q.ChunkText), "created_at": time.Now().UTC().Format(time.RFC3339)}
	for key, v := range map[string]string{"query_type": q.QueryType, "query_format": q.QueryFormat, "program_hash": q.ProgramHash, "model": q.Model} {
		if v != "" {
			values[key] = v
		}
	}
	if q.Made != nil {
		values[KeyProvenance] = st.provenance(q.Made, paid)
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

// MarkStale looks at every saved question that was asked of a chunk of the
// collection, in the slice, and marks those that are stale, and takes the mark of
// those that are not. It gives how many are, and how many ids were mended on the
// way (mendChunkID).
func (st *Store) MarkStale(ctx context.Context, collection string, slice api.Slice, seen func(n int)) (stale, mended int, err error) {
	saved := st.cfg.Store.Questions
	asked := &qdrant.Filter{Should: []*qdrant.Condition{qdrant.NewMatchKeyword(KeyProvenance+".collection", collection), qdrant.NewIsEmpty(KeyProvenance)}}
	n := 0
	err = st.Scroll(ctx, saved.Collection, asked, 256, true, func(page []*qdrant.RetrievedPoint) error {
		n += len(page)
		page = slices.DeleteFunc(page, func(p *qdrant.RetrievedPoint) bool {
			id, ok := QuestionsChunk(p, saved.ChunkIDField)
			return ok && !InSlice(slice, id)
		})
		var ids []*qdrant.PointId
		for _, p := range page {
			if id, ok := QuestionsChunk(p, saved.ChunkIDField); ok {
				ids = append(ids, id)
			}
		}
		texts, err := st.TextsOf(ctx, collection, ids)
		if err != nil {
			return err
		}
		changes := map[string][]*qdrant.PointId{} // by the reason that is to stand there
		for _, p := range page {
			if negative(Field(p.GetPayload(), saved.ChunkIDField)) {
				if err := st.mendChunkID(ctx, p); err != nil {
					return err
				}
				mended++
			}
			if Field(p.GetPayload(), KeyProvenance) == nil {
				continue // saved by hand: of whichever collection
			}
			reason := ChunkGone
			if id, ok := QuestionsChunk(p, saved.ChunkIDField); ok {
				reason = Staleness(p, texts[IDKey(id)])
			}
			if reason != "" {
				stale++
			}
			if had, _ := Field(p.GetPayload(), keyStaleReason).(string); had != reason {
				changes[reason] = append(changes[reason], p.GetId())
			}
		}
		seen(n)
		for reason, ids := range changes {
			if err := st.setStale(ctx, reason, ids); err != nil {
				return err
			}
		}
		return nil
	})
	if NoCollection(err) { // nothing was saved yet
		return 0, 0, nil
	}
	return stale, mended, err
}

// mendChunkID gives a saved question its chunk's id in the place of the negative
// number. The question's own id was made of the right one and stays.
func (st *Store) mendChunkID(ctx context.Context, question *qdrant.RetrievedPoint) error {
	client, err := st.Client(ctx)
	if err != nil {
		return err
	}
	saved, wait := st.cfg.Store.Questions, true
	id := api.NewChunkID(Field(question.GetPayload(), saved.ChunkIDField))
	_, err = client.SetPayload(ctx, &qdrant.SetPayloadPoints{CollectionName: saved.Collection, Wait: &wait,
		PointsSelector: qdrant.NewPointsSelector(question.GetId()),
		Payload:        map[string]*qdrant.Value{saved.ChunkIDField: chunkIDValue(id)}})
	return st.StoreFault(ctx, saved.Collection, err)
}

func (st *Store) setStale(ctx context.Context, reason string, ids []*qdrant.PointId) error {
	client, err := st.Client(ctx)
	if err != nil {
		return err
	}
	wait := true
	collection, which := st.cfg.Store.Questions.Collection, qdrant.NewPointsSelectorIDs(ids)
	if reason == "" {
		_, err = client.DeletePayload(ctx, &qdrant.DeletePayloadPoints{CollectionName: collection, Wait: &wait, PointsSelector: which, Keys: []string{KeyStale, keyStaleReason}})
	} else {
		_, err = client.SetPayload(ctx, &qdrant.SetPayloadPoints{CollectionName: collection, Wait: &wait, PointsSelector: which,
			Payload: qdrant.NewValueMap(map[string]any{KeyStale: true, keyStaleReason: reason})})
	}
	return st.StoreFault(ctx, collection, err)
}

// Store is the chunks, and the questions saved beside them. Safe for concurrent use.
type Store struct {
	cfg     *config.Config
	log     hclog.Logger
	version string // written into saved questions

	mu        sync.Mutex
	store     *qdrantlock.Store // nil before it is opened, and after it is closed
	closed    bool
	questions questionsShape // of the collection that questions are saved in
}

// New opens nothing yet.
func New(cfg *config.Config, log hclog.Logger, version string) *Store {
	return &Store{cfg: cfg, log: log, version: version}
}

// Open opens the store (nil StoreInfo without one). With store.lock = "lazy"
// it opens nothing and the first call that needs the store does.
func (st *Store) Open(ctx context.Context) (*api.StoreInfo, error) {
	if st.cfg.Store == nil || st.cfg.Store.Lock == "lazy" {
		return nil, nil
	}
	if _, err := st.openStore(ctx); err != nil {
		return nil, err
	}
	return st.StoreInfo(ctx)
}

// Close frees the lock. Idempotent.
func (st *Store) Close() error {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.closed = true
	if st.store == nil {
		return nil
	}
	store := st.store
	st.store = nil
	return store.Close()
}

// openStore is the store, opened now if it is not yet. A failure is not
// remembered: the holder of the lock may have gone by the next call.
func (st *Store) openStore(ctx context.Context) (*qdrantlock.Store, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	s := st.cfg.Store
	switch {
	case s == nil:
		return nil, &qdrantlock.StoreError{Reason: "no store is configured; add [store] with path or url to the config"}
	case st.closed:
		return nil, &qdrantlock.StoreError{Path: s.Path, URL: s.URL, Reason: "closed already"}
	case st.store != nil:
		return st.store, nil
	}
	if err := unsetStoreKey(s); err != nil {
		return nil, err
	}
	store, err := qdrantlock.Open(ctx, qdrantlock.Config{
		Path: s.Path, URL: s.URL, APIKey: os.Getenv(s.APIKeyEnv),
		Share: s.Share, ShareAPIKey: os.Getenv(s.ShareAPIKeyEnv), Logger: st.log.Named("store"),
	})
	if err != nil {
		return nil, err
	}
	st.store = store
	return store, nil
}

// unsetStoreKey: a key that is named must be there; a share without the wanted
// key would be one with another.
func unsetStoreKey(s *config.Store) error {
	for _, k := range []struct {
		key, variable string
		used          bool
	}{{"api_key_env", s.APIKeyEnv, s.URL != ""}, {"share_api_key_env", s.ShareAPIKeyEnv, s.Share != ""}} {
		if k.used && k.variable != "" && os.Getenv(k.variable) == "" {
			return &qdrantlock.StoreError{Path: s.Path, URL: s.URL, Reason: fmt.Sprintf("the environment variable %s is not set: set it to the key, or remove store.%s", k.variable, k.key)}
		}
	}
	return nil
}

// Client is Qdrant's own client of the opened store.
func (st *Store) Client(ctx context.Context) (*qdrant.Client, error) {
	store, err := st.openStore(ctx)
	if err != nil {
		return nil, err
	}
	return store.Client(), nil
}

// StoreInfo is the store's state for status; nil without one or before it is
// open. With an error it says as much as is known without the store's answer.
func (st *Store) StoreInfo(ctx context.Context) (*api.StoreInfo, error) {
	st.mu.Lock()
	store := st.store
	st.mu.Unlock()
	if store == nil {
		return nil, nil
	}
	s := st.cfg.Store
	info := &api.StoreInfo{Mode: store.Mode(), Path: s.Path, URL: s.URL, Share: store.Share(), Warnings: store.Warnings(), Collections: []api.CollectionInfo{}}
	names, err := store.Client().ListCollections(ctx)
	if err != nil {
		return info, st.StoreFault(ctx, "", err)
	}
	sort.Strings(names)
	for _, name := range names {
		// Exact on a folder, where it costs nothing; a server is not made to
		// count a hundred million points for a status line.
		exact := store.Mode() != qdrantlock.ModeServer
		n, err := store.Client().Count(ctx, &qdrant.CountPoints{CollectionName: name, Exact: &exact})
		if status.Code(err) == codes.Internal { // it cannot be read; the others can
			if store.Mode() != qdrantlock.ModeFolder { // of a folder, Warnings says it
				info.Warnings = append(info.Warnings, st.StoreFault(ctx, name, err).Error())
			}
			continue
		}
		if err != nil {
			return info, st.StoreFault(ctx, name, err)
		}
		info.Collections = append(info.Collections, api.CollectionInfo{Name: name, Points: n})
	}
	return info, nil
}

// StoreFault turns the client's errors into *qdrantlock.StoreError, but for the
// caller's own end.
func (st *Store) StoreFault(ctx context.Context, collection string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return api.Ended(ctx)
	}
	var known *qdrantlock.StoreError
	if errors.As(err, &known) {
		return err
	}
	fault := &qdrantlock.StoreError{Path: st.cfg.Store.Path, URL: st.cfg.Store.URL, Collection: collection, Err: err}
	switch status.Code(err) {
	case codes.NotFound:
		fault.Reason = "the collection does not exist" + st.knownCollections(ctx)
	case codes.Unavailable:
		fault.Reason = "cannot be reached: " + statusMessage(err)
	case codes.Unauthenticated, codes.PermissionDenied:
		fault.Reason = "refused the API key (store.api_key_env): " + statusMessage(err)
	default:
		fault.Reason = statusMessage(err)
	}
	return fault
}

func statusMessage(err error) string {
	var s interface{ GRPCStatus() *status.Status }
	if errors.As(err, &s) {
		return s.GRPCStatus().Message()
	}
	return err.Error()
}

func (st *Store) knownCollections(ctx context.Context) string {
	client, err := st.Client(ctx)
	if err != nil {
		return ""
	}
	names, err := client.ListCollections(ctx)
	if err != nil || len(names) == 0 {
		return "; there is none"
	}
	sort.Strings(names)
	return "; there are: " + strings.Join(names, ", ")
}

// GetPoints reads points by id; those that are gone are left out.
func (st *Store) GetPoints(ctx context.Context, collection string, ids []*qdrant.PointId) (map[string]*qdrant.RetrievedPoint, error) {
	client, err := st.Client(ctx)
	if err != nil {
		return nil, err
	}
	points, err := client.Get(ctx, &qdrant.GetPoints{CollectionName: collection, Ids: ids, WithPayload: qdrant.NewWithPayload(true)})
	if err != nil {
		return nil, st.StoreFault(ctx, collection, err)
	}
	byID := make(map[string]*qdrant.RetrievedPoint, len(points))
	for _, p := range points {
		byID[IDKey(p.GetId())] = p
	}
	return byID, nil
}

// TextsOf reads the texts of chunks, by idKey; those that are gone or have none are
// left out. An id may come more than once.
func (st *Store) TextsOf(ctx context.Context, collection string, ids []*qdrant.PointId) (map[string]string, error) {
	different := map[string]*qdrant.PointId{}
	for _, id := range ids {
		different[IDKey(id)] = id
	}
	texts := map[string]string{}
	if len(different) == 0 {
		return texts, nil
	}
	chunks, err := st.GetPoints(ctx, collection, slices.Collect(maps.Values(different)))
	for key, chunk := range chunks {
		if text, ok := st.ChunkText(chunk.GetPayload()); ok {
			texts[key] = text
		}
	}
	return texts, err
}

// Scroll calls fn for each page of a collection, in id order, until it ends.
func (st *Store) Scroll(ctx context.Context, collection string, filter *qdrant.Filter, page int, payload bool, fn func([]*qdrant.RetrievedPoint) error) error {
	client, err := st.Client(ctx)
	if err != nil {
		return err
	}
	limit := uint32(page)
	request := &qdrant.ScrollPoints{CollectionName: collection, Filter: filter, Limit: &limit,
		WithPayload: qdrant.NewWithPayload(payload), WithVectors: qdrant.NewWithVectors(false)}
	for {
		points, next, err := client.ScrollAndOffset(ctx, request)
		if err != nil {
			return st.StoreFault(ctx, collection, err)
		}
		if err := fn(points); err != nil {
			return err
		}
		if next == nil {
			return nil
		}
		request.Offset = next
	}
}

// AllIDs reads every id that matches, without payloads.
func (st *Store) AllIDs(ctx context.Context, collection string, filter *qdrant.Filter, seen func(n int)) ([]*qdrant.PointId, error) {
	var ids []*qdrant.PointId
	err := st.Scroll(ctx, collection, filter, 10_000, false, func(page []*qdrant.RetrievedPoint) error {
		for _, p := range page {
			ids = append(ids, p.GetId())
		}
		seen(len(ids))
		return nil
	})
	return ids, err
}
