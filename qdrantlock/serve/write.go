//lint:file-ignore SA1019 older clients still send and read the deprecated fields

package serve

import (
	"context"
	"maps"
	"time"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/qdrantlock/folder"
	"qgen-sidecar/qdrantlock/points"
)

// upsert validates every point against the collection's configuration, then
// replaces whole points; of one id given twice the last stays.
func upsert(in []*qdrant.PointStruct, mode *qdrant.UpdateMode, filter *qdrant.Filter, cfg folder.CollectionConfig) (edit, error) {
	cond, err := points.Compile(filter)
	if err != nil {
		return edit{}, err
	}
	rows := make([]folder.Point, len(in))
	for i, p := range in {
		if rows[i].ID, err = points.ParseID(p.GetId()); err != nil {
			return edit{}, err
		}
		if rows[i].Vectors, err = fromVectors(p.GetVectors(), cfg); err != nil {
			return edit{}, err
		}
		rows[i].Payload = points.PlainMap(p.GetPayload())
	}
	return edit{filters: []*points.Filter{cond}, apply: func(tx *points.Tx) error {
		if len(rows) == 0 {
			return committed(points.Invalid, "Empty update request")
		}
		for _, row := range rows {
			if wanted(tx, row.ID, mode, cond) {
				tx.Put(row)
			}
		}
		return nil
	}}, nil
}

// wanted applies update_mode, and update_filter to points that exist.
func wanted(tx *points.Tx, id folder.ID, mode *qdrant.UpdateMode, cond *points.Filter) bool {
	exists := tx.Exists(id)
	if mode != nil && *mode == qdrant.UpdateMode_InsertOnly && exists {
		return false
	}
	if mode != nil && *mode == qdrant.UpdateMode_UpdateOnly && !exists {
		return false
	}
	return !exists || cond == nil || tx.Match(cond, id)
}

// updateVectors lays the given vectors over those of points that exist.
func updateVectors(in []*qdrant.PointVectors, filter *qdrant.Filter, cfg folder.CollectionConfig) (edit, error) {
	if len(in) == 0 {
		return edit{}, invalid("must specify points to update")
	}
	cond, err := points.Compile(filter)
	if err != nil {
		return edit{}, err
	}
	ids := make([]folder.ID, len(in))
	vectors := make([]map[string]folder.Vector, len(in))
	for i, p := range in {
		if ids[i], err = points.ParseID(p.GetId()); err != nil {
			return edit{}, err
		}
		if vectors[i], err = fromVectors(p.GetVectors(), cfg); err != nil {
			return edit{}, err
		}
	}
	return edit{filters: []*points.Filter{cond}, apply: func(tx *points.Tx) error {
		return changeRows(tx, ids, func(p *folder.Point, i int) {
			if cond != nil && !tx.Match(cond, p.ID) {
				return
			}
			merged := map[string]folder.Vector{}
			maps.Copy(merged, p.Vectors)
			maps.Copy(merged, vectors[i])
			p.Vectors = merged
		})
	}}, nil
}

// run applies the edits to a collection in one transaction. build gets the
// configuration and validates the whole request.
func (s *pointsServer) run(ctx context.Context, collection string, build func(folder.CollectionConfig) ([]edit, error)) error {
	c, err := s.collections.get(collection)
	if err != nil {
		return err
	}
	var cfg folder.CollectionConfig
	if cfg, err = c.Config(); err != nil {
		return err
	}
	edits, err := build(cfg)
	if err != nil {
		return err
	}
	var uses []*points.Filter
	for _, e := range edits {
		uses = append(uses, e.filters...)
	}
	return c.Update(ctx, uses, func(tx *points.Tx) error {
		for _, e := range edits {
			if err := e.apply(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// one runs a single edit and answers it.
func (s *pointsServer) one(ctx context.Context, collection string, build func(folder.CollectionConfig) (edit, error)) (*qdrant.PointsOperationResponse, error) {
	start := time.Now()
	err := s.run(ctx, collection, func(cfg folder.CollectionConfig) ([]edit, error) {
		e, err := build(cfg)
		return []edit{e}, err
	})
	if err != nil {
		return nil, err
	}
	return &qdrant.PointsOperationResponse{Result: completed(), Time: took(start)}, nil
}

func completed() *qdrant.UpdateResult {
	operation := uint64(0)
	return &qdrant.UpdateResult{OperationId: &operation, Status: qdrant.UpdateStatus_Completed}
}

func (s *pointsServer) Upsert(ctx context.Context, r *qdrant.UpsertPoints) (*qdrant.PointsOperationResponse, error) {
	return s.one(ctx, r.GetCollectionName(), func(cfg folder.CollectionConfig) (edit, error) {
		return upsert(r.GetPoints(), r.UpdateMode, r.GetUpdateFilter(), cfg)
	})
}

func (s *pointsServer) Delete(ctx context.Context, r *qdrant.DeletePoints) (*qdrant.PointsOperationResponse, error) {
	return s.one(ctx, r.GetCollectionName(), func(folder.CollectionConfig) (edit, error) {
		return deletePoints(r.GetPoints())
	})
}

func (s *pointsServer) UpdateVectors(ctx context.Context, r *qdrant.UpdatePointVectors) (*qdrant.PointsOperationResponse, error) {
	return s.one(ctx, r.GetCollectionName(), func(cfg folder.CollectionConfig) (edit, error) {
		return updateVectors(r.GetPoints(), r.GetUpdateFilter(), cfg)
	})
}

func (s *pointsServer) DeleteVectors(ctx context.Context, r *qdrant.DeletePointVectors) (*qdrant.PointsOperationResponse, error) {
	return s.one(ctx, r.GetCollectionName(), func(folder.CollectionConfig) (edit, error) {
		return deleteVectors(r.GetVectors().GetNames(), r.GetPointsSelector())
	})
}

func (s *pointsServer) SetPayload(ctx context.Context, r *qdrant.SetPayloadPoints) (*qdrant.PointsOperationResponse, error) {
	return s.one(ctx, r.GetCollectionName(), func(folder.CollectionConfig) (edit, error) {
		return setPayload(r.GetPayload(), r.GetPointsSelector(), r.Key)
	})
}

func (s *pointsServer) OverwritePayload(ctx context.Context, r *qdrant.SetPayloadPoints) (*qdrant.PointsOperationResponse, error) {
	return s.one(ctx, r.GetCollectionName(), func(folder.CollectionConfig) (edit, error) {
		return overwritePayload(r.GetPayload(), r.GetPointsSelector(), r.Key)
	})
}

func (s *pointsServer) DeletePayload(ctx context.Context, r *qdrant.DeletePayloadPoints) (*qdrant.PointsOperationResponse, error) {
	return s.one(ctx, r.GetCollectionName(), func(folder.CollectionConfig) (edit, error) {
		return deletePayload(r.GetKeys(), r.GetPointsSelector())
	})
}

func (s *pointsServer) ClearPayload(ctx context.Context, r *qdrant.ClearPayloadPoints) (*qdrant.PointsOperationResponse, error) {
	return s.one(ctx, r.GetCollectionName(), func(folder.CollectionConfig) (edit, error) {
		return clearPayload(r.GetPoints())
	})
}

// UpdateBatch applies its operations in order, in one transaction.
func (s *pointsServer) UpdateBatch(ctx context.Context, r *qdrant.UpdateBatchPoints) (*qdrant.UpdateBatchResponse, error) {
	start := time.Now()
	err := s.run(ctx, r.GetCollectionName(), func(cfg folder.CollectionConfig) (edits []edit, err error) {
		for _, op := range r.GetOperations() {
			e, err := operation(op, cfg)
			if err != nil {
				return nil, err
			}
			edits = append(edits, e)
		}
		return edits, nil
	})
	if err != nil {
		return nil, err
	}
	out := &qdrant.UpdateBatchResponse{}
	for range r.GetOperations() {
		out.Result = append(out.Result, completed())
	}
	out.Time = took(start)
	return out, nil
}

func operation(op *qdrant.PointsUpdateOperation, cfg folder.CollectionConfig) (edit, error) {
	switch o := op.GetOperation().(type) {
	case *qdrant.PointsUpdateOperation_Upsert:
		return upsert(o.Upsert.GetPoints(), o.Upsert.UpdateMode, o.Upsert.GetUpdateFilter(), cfg)
	case *qdrant.PointsUpdateOperation_DeletePoints_:
		return deletePoints(o.DeletePoints.GetPoints())
	case *qdrant.PointsUpdateOperation_DeleteDeprecated:
		return deletePoints(o.DeleteDeprecated)
	case *qdrant.PointsUpdateOperation_SetPayload_:
		return setPayload(o.SetPayload.GetPayload(), o.SetPayload.GetPointsSelector(), o.SetPayload.Key)
	case *qdrant.PointsUpdateOperation_OverwritePayload_:
		return overwritePayload(o.OverwritePayload.GetPayload(), o.OverwritePayload.GetPointsSelector(), o.OverwritePayload.Key)
	case *qdrant.PointsUpdateOperation_DeletePayload_:
		return deletePayload(o.DeletePayload.GetKeys(), o.DeletePayload.GetPointsSelector())
	case *qdrant.PointsUpdateOperation_ClearPayload_:
		return clearPayload(o.ClearPayload.GetPoints())
	case *qdrant.PointsUpdateOperation_ClearPayloadDeprecated:
		return clearPayload(o.ClearPayloadDeprecated)
	case *qdrant.PointsUpdateOperation_UpdateVectors_:
		return updateVectors(o.UpdateVectors.GetPoints(), o.UpdateVectors.GetUpdateFilter(), cfg)
	case *qdrant.PointsUpdateOperation_DeleteVectors_:
		return deleteVectors(o.DeleteVectors.GetVectors().GetNames(), o.DeleteVectors.GetPointsSelector())
	}
	return edit{}, invalid("update operation of a kind that is not known here")
}

// CreateFieldIndex has nothing to build: every filter here is exact without.
func (s *pointsServer) CreateFieldIndex(ctx context.Context, r *qdrant.CreateFieldIndexCollection) (*qdrant.PointsOperationResponse, error) {
	return s.noIndex(r.GetCollectionName(), r.GetFieldName())
}

// DeleteFieldIndex has nothing to remove.
func (s *pointsServer) DeleteFieldIndex(ctx context.Context, r *qdrant.DeleteFieldIndexCollection) (*qdrant.PointsOperationResponse, error) {
	return s.noIndex(r.GetCollectionName(), r.GetFieldName())
}

func (s *pointsServer) noIndex(collection, field string) (*qdrant.PointsOperationResponse, error) {
	start := time.Now()
	if _, err := points.ParsePath(field); err != nil {
		return nil, err
	}
	if _, err := s.collections.get(collection); err != nil {
		return nil, err
	}
	return &qdrant.PointsOperationResponse{Result: completed(), Time: took(start)}, nil
}
