package engine

import (
	"context"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/qdrantlock"
	"qgen-sidecar/qdrantlock/points"
)

// Why answers the command of that name: a saved question with all that is
// known of how it came to be, and its chunk.
func (e *Engine) Why(ctx context.Context, pointID string) (*WhyResult, error) {
	id, ok := NewChunkID(pointID).point()
	if !ok {
		return nil, &ParamError{Param: "point_id", Expected: "a number or a UUID", Found: clip(pointID)}
	}
	if _, err := e.client(ctx); err != nil {
		return nil, err
	}
	s := e.cfg.Store
	saved, err := e.getPoints(ctx, s.Questions.Collection, []*qdrant.PointId{id})
	if err != nil {
		return nil, err
	}
	point := saved[idKey(id)]
	if point == nil {
		return nil, &qdrantlock.StoreError{Path: s.Path, URL: s.URL, Collection: s.Questions.Collection, Reason: "there is no point " + pointID}
	}
	result := &WhyResult{PointID: idValue(id), Payload: points.PlainMap(point.GetPayload())}
	chunk, ok := NewChunkID(result.Payload[s.Questions.ChunkIDField]).point()
	if !ok {
		return result, nil
	}
	chunks, err := e.getPoints(ctx, s.Collection, []*qdrant.PointId{chunk})
	if err != nil && !noCollection(err) {
		return nil, err
	}
	if p := chunks[idKey(chunk)]; p != nil {
		result.Chunk = points.PlainMap(p.GetPayload())
	}
	return result, nil
}
