package serve

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"qgen-sidecar/qdrantlock/folder"
	"qgen-sidecar/qdrantlock/points"
)

// collectionsServer is Qdrant's Collections service.
type collectionsServer struct {
	qdrant.UnimplementedCollectionsServer
	collections *registry
}

// List names the collections, not the aliases.
func (s *collectionsServer) List(context.Context, *qdrant.ListCollectionsRequest) (*qdrant.ListCollectionsResponse, error) {
	start := time.Now()
	out := &qdrant.ListCollectionsResponse{}
	for _, name := range s.collections.folder.Collections() {
		out.Collections = append(out.Collections, &qdrant.CollectionDescription{Name: valid(name)})
	}
	out.Time = took(start)
	return out, nil
}

// CollectionExists counts aliases as existing.
func (s *collectionsServer) CollectionExists(_ context.Context, r *qdrant.CollectionExistsRequest) (*qdrant.CollectionExistsResponse, error) {
	start := time.Now()
	_, err := s.collections.get(r.GetCollectionName())
	if status.Code(err) == codes.NotFound {
		return &qdrant.CollectionExistsResponse{Result: &qdrant.CollectionExists{}, Time: took(start)}, nil
	}
	return &qdrant.CollectionExistsResponse{Result: &qdrant.CollectionExists{Exists: true}, Time: took(start)}, err
}

// Get describes a collection: exact counts, no index, no optimiser.
func (s *collectionsServer) Get(ctx context.Context, r *qdrant.GetCollectionInfoRequest) (*qdrant.GetCollectionInfoResponse, error) {
	start := time.Now()
	c, err := s.collections.get(r.GetCollectionName())
	if err != nil {
		return nil, err
	}
	var info *qdrant.CollectionInfo
	err = c.View(ctx, false, nil, func(v *points.View) error {
		info = describe(v.Config(), uint64(v.Len()))
		return nil
	})
	return &qdrant.GetCollectionInfoResponse{Result: info, Time: took(start)}, err
}

// Create adds an empty collection. Index, optimiser, shard and replication
// parameters of the whole collection have no meaning here and are dropped, as
// Python's local mode drops them.
func (s *collectionsServer) Create(_ context.Context, r *qdrant.CreateCollection) (*qdrant.CollectionOperationResponse, error) {
	start := time.Now()
	name := r.GetCollectionName()
	cfg, err := configOf(r)
	if err != nil {
		return nil, err
	}
	if err := folder.CheckNew(name, cfg); err != nil {
		return nil, invalid(err.Error())
	}
	if err := s.collections.create(name, cfg); err != nil {
		return nil, err
	}
	return &qdrant.CollectionOperationResponse{Result: true, Time: took(start)}, nil
}

// Delete removes a collection and its aliases; false when there is none.
func (s *collectionsServer) Delete(_ context.Context, r *qdrant.DeleteCollection) (*qdrant.CollectionOperationResponse, error) {
	start := time.Now()
	existed, err := s.collections.delete(r.GetCollectionName())
	return &qdrant.CollectionOperationResponse{Result: existed, Time: took(start)}, err
}

// Update changes sparse modifiers and metadata; the other parameters tune
// what a folder does not have. Names of vectors are checked all the same.
func (s *collectionsServer) Update(_ context.Context, r *qdrant.UpdateCollection) (*qdrant.CollectionOperationResponse, error) {
	start := time.Now()
	changed := false
	err := s.collections.update(r.GetCollectionName(), func(cfg *folder.CollectionConfig) error {
		for name := range r.GetVectorsConfig().GetParamsMap().GetMap() {
			if _, ok := cfg.Vectors[name]; !ok {
				return invalidf("Not existing vector name error: %s", name)
			}
		}
		cfg.Sparse = maps.Clone(cfg.Sparse)
		for name, params := range r.GetSparseVectorsConfig().GetMap() {
			old, ok := cfg.Sparse[name]
			if !ok {
				return invalidf("Vector %s does not exist in the collection", name)
			}
			changes, err := sparseParams(params)
			if err != nil {
				return err
			}
			if params.Modifier != nil {
				old.Modifier = changes.Modifier
			}
			if changes.Extra != nil {
				old.Extra = changes.Extra
			}
			cfg.Sparse[name] = old
			changed = true
		}
		if len(r.GetMetadata()) > 0 {
			cfg.Metadata = points.Merge(cfg.Metadata, points.PlainMap(r.GetMetadata()))
			changed = true
		}
		return nil
	})
	return &qdrant.CollectionOperationResponse{Result: changed, Time: took(start)}, err
}

// UpdateAliases applies all its actions or none.
func (s *collectionsServer) UpdateAliases(_ context.Context, r *qdrant.ChangeAliases) (*qdrant.CollectionOperationResponse, error) {
	start := time.Now()
	err := s.collections.changeAliases(func(aliases map[string]string) error {
		for _, action := range r.GetActions() {
			if err := s.changeAlias(aliases, action); err != nil {
				return err
			}
		}
		return nil
	})
	return &qdrant.CollectionOperationResponse{Result: err == nil, Time: took(start)}, err
}

func (s *collectionsServer) changeAlias(aliases map[string]string, action *qdrant.AliasOperations) error {
	switch a := action.GetAction().(type) {
	case *qdrant.AliasOperations_CreateAlias:
		if target := a.CreateAlias.GetCollectionName(); !s.collections.exists(target) {
			return noCollection(target)
		}
		aliases[a.CreateAlias.GetAliasName()] = a.CreateAlias.GetCollectionName()
		return s.aliasFree(a.CreateAlias.GetAliasName())
	case *qdrant.AliasOperations_DeleteAlias:
		delete(aliases, a.DeleteAlias.GetAliasName())
		return nil
	case *qdrant.AliasOperations_RenameAlias:
		old := a.RenameAlias.GetOldAliasName()
		target, ok := aliases[old]
		if !ok {
			return status.Errorf(codes.NotFound, "Not found: Alias %s does not exists!", old)
		}
		delete(aliases, old)
		aliases[a.RenameAlias.GetNewAliasName()] = target
		return s.aliasFree(a.RenameAlias.GetNewAliasName())
	}
	return invalid("alias action of a kind that is not known here: expected create_alias, delete_alias or rename_alias")
}

func (s *collectionsServer) aliasFree(alias string) error {
	if s.collections.exists(alias) {
		return status.Error(codes.AlreadyExists, fmt.Sprintf("Wrong input: Collection `%s` already exists!", alias))
	}
	return nil
}

// ListAliases lists all aliases, by name.
func (s *collectionsServer) ListAliases(context.Context, *qdrant.ListAliasesRequest) (*qdrant.ListAliasesResponse, error) {
	return s.aliases("", true), nil
}

// ListCollectionAliases lists the aliases of one collection.
func (s *collectionsServer) ListCollectionAliases(_ context.Context, r *qdrant.ListCollectionAliasesRequest) (*qdrant.ListAliasesResponse, error) {
	return s.aliases(r.GetCollectionName(), false), nil
}

func (s *collectionsServer) aliases(collection string, every bool) *qdrant.ListAliasesResponse {
	start := time.Now()
	out := &qdrant.ListAliasesResponse{}
	aliases := s.collections.folder.Aliases()
	for _, alias := range slices.Sorted(maps.Keys(aliases)) {
		if target := aliases[alias]; every || target == collection {
			out.Aliases = append(out.Aliases, &qdrant.AliasDescription{AliasName: alias, CollectionName: target})
		}
	}
	out.Time = took(start)
	return out
}
