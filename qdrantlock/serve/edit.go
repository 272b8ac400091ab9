package serve

import (
	"maps"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/qdrantlock/folder"
	"qgen-sidecar/qdrantlock/points"
)

// edit is one validated change of a request. The filter, if any, is named so
// that what it needs is in memory before apply runs.
type edit struct {
	filters []*points.Filter
	apply   func(*points.Tx) error
}

// selection is the points that an edit is for.
type selection struct {
	ids      []folder.ID
	filter   *points.Filter
	byFilter bool
}

func selectionOf(s *qdrant.PointsSelector) (sel selection, err error) {
	switch o := s.GetPointsSelectorOneOf().(type) {
	case *qdrant.PointsSelector_Points:
		sel.ids, err = fromIDs(o.Points.GetIds())
	case *qdrant.PointsSelector_Filter:
		sel.byFilter = true
		if sel.filter, err = points.Compile(o.Filter); err == nil && sel.filter == nil {
			sel.filter = &points.Filter{}
		}
	default:
		err = invalid("no filter or points provided")
	}
	return sel, err
}

// resolve gives the ids. An empty list of ids is refused as Qdrant does, a
// filter that matches nothing is not.
func (s selection) resolve(tx *points.Tx) ([]folder.ID, error) {
	if s.byFilter {
		return tx.Select(s.filter)
	}
	if len(s.ids) == 0 {
		return nil, committed(points.Invalid, "Empty update request")
	}
	return s.ids, nil
}

// committed is an error after which the edits before it stay.
func committed(kind points.Kind, text string) error {
	return &points.Error{Kind: kind, Text: text, Committed: true}
}

// rewrite makes an edit that changes every selected row through change. All
// points that exist are changed; the first missing one is then the error.
func rewrite(s *qdrant.PointsSelector, change func(*folder.Point)) (edit, error) {
	sel, err := selectionOf(s)
	return edit{filters: []*points.Filter{sel.filter}, apply: func(tx *points.Tx) error {
		ids, err := sel.resolve(tx)
		if err != nil {
			return err
		}
		return changeRows(tx, ids, func(p *folder.Point, _ int) { change(p) })
	}}, err
}

func changeRows(tx *points.Tx, ids []folder.ID, change func(p *folder.Point, i int)) error {
	if err := tx.Read(ids); err != nil {
		return err
	}
	var missing *points.Error
	for i, id := range ids {
		p, ok, err := tx.Get(id)
		if err != nil {
			return err
		}
		if !ok {
			if missing == nil {
				missing = points.NoPoint(id)
				missing.Committed = true
			}
			continue
		}
		change(&p, i)
		tx.Put(p)
	}
	if missing != nil {
		return missing
	}
	return nil
}

func setPayload(payload map[string]*qdrant.Value, s *qdrant.PointsSelector, key *string) (edit, error) {
	values := points.PlainMap(payload)
	if key == nil {
		return rewrite(s, func(p *folder.Point) { p.Payload = points.Merge(p.Payload, values) })
	}
	path, err := points.ParsePath(*key)
	if err != nil {
		return edit{}, err
	}
	return rewrite(s, func(p *folder.Point) {
		p.Payload = path.Set(p.Payload, values).(map[string]any)
	})
}

func overwritePayload(payload map[string]*qdrant.Value, s *qdrant.PointsSelector, key *string) (edit, error) {
	if key != nil {
		return edit{}, invalid("overwrite_payload replaces whole payloads: `key` cannot be used with it; use set_payload")
	}
	values := points.PlainMap(payload)
	return rewrite(s, func(p *folder.Point) { p.Payload = values })
}

func deletePayload(keys []string, s *qdrant.PointsSelector) (edit, error) {
	var paths []points.Path
	for _, key := range keys {
		path, err := points.ParsePath(key)
		if err != nil {
			return edit{}, err
		}
		paths = append(paths, path)
	}
	return rewrite(s, func(p *folder.Point) {
		for _, path := range paths {
			p.Payload, _ = path.Delete(p.Payload).(map[string]any)
		}
	})
}

func clearPayload(s *qdrant.PointsSelector) (edit, error) {
	return rewrite(s, func(p *folder.Point) { p.Payload = map[string]any{} })
}

func deleteVectors(names []string, s *qdrant.PointsSelector) (edit, error) {
	if len(names) == 0 {
		return edit{}, invalid("must specify vector names to delete")
	}
	sel, err := selectionOf(s)
	return edit{filters: []*points.Filter{sel.filter}, apply: func(tx *points.Tx) error {
		ids, err := sel.resolve(tx)
		if err != nil {
			return err
		}
		if err := knownVectors(names, tx.Config()); err != nil {
			return err
		}
		return changeRows(tx, ids, func(p *folder.Point, _ int) {
			p.Vectors = maps.Clone(p.Vectors)
			for _, name := range names {
				delete(p.Vectors, name)
			}
		})
	}}, err
}

func knownVectors(names []string, cfg folder.CollectionConfig) error {
	for _, name := range names {
		_, dense := cfg.Vectors[name]
		_, sparse := cfg.Sparse[name]
		if !dense && !sparse {
			return committed(points.Invalid, "Wrong input: Not existing vector name error: "+name)
		}
	}
	return nil
}

func deletePoints(s *qdrant.PointsSelector) (edit, error) {
	sel, err := selectionOf(s)
	return edit{filters: []*points.Filter{sel.filter}, apply: func(tx *points.Tx) error {
		ids, err := sel.resolve(tx)
		for _, id := range ids {
			tx.Delete(id)
		}
		return err
	}}, err
}
