package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/gold"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/metric"
	"qgen-sidecar/internal/clip"
	"qgen-sidecar/internal/jsonl"
	"qgen-sidecar/internal/jsonvalue"
)

func newBlindOutput(g gold.Entry, query string) api.BlindOutput {
	return api.BlindOutput{ID: files.Hash(g.ChunkText, g.PersonaDescription, g.GoldQuestion, query), ChunkText: g.ChunkText,
		PersonaDescription: g.PersonaDescription, GoldQuestion: g.GoldQuestion, Query: query}
}

func (e *Engine) scoresPath() string {
	return filepath.Join(filepath.Dir(e.cfg.Files.Gold), "judge_scores.jsonl")
}

// AddScore appends a score. It is on disk before this returns.
func (e *Engine) AddScore(ctx context.Context, s api.PersonScore) error {
	if !s.Undone && (s.Score < 1 || s.Score > scoreMost) {
		return &api.ParamError{Param: "score", Expected: "a whole number from 1 to 5", Found: fmt.Sprint(s.Score)}
	}
	for _, clause := range s.Lacks {
		if !slices.Contains(metric.Clauses, clause) {
			return &api.ParamError{Param: "lacks", Expected: "any of clarity, specificity, relevance", Found: clip.Runes(clause, 200)}
		}
	}
	if s.At.IsZero() {
		s.At = time.Now().UTC().Truncate(time.Second)
	}
	path := e.scoresPath()
	unlock, err := files.Lock(ctx, path+".lock")
	if err != nil {
		return err
	}
	defer unlock()
	line, err := jsonvalue.Marshal(s)
	if err != nil {
		return err
	}
	f, cut, err := jsonl.Open(path, jsonl.Reader{Line: func(number int, line []byte) error {
		if _, err := readScore(line); err != nil {
			return &api.FileError{Path: path, Line: number, Reason: err.Error()}
		}
		return nil
	}, Half: func(number int, half []byte) error {
		if !ourHalf(half) {
			return &api.FileError{Path: path, Line: number, Reason: "expected scores as annotate --judge writes them, found " + quotedLine(half)}
		}
		return nil
	}})
	if err != nil {
		return files.Fault(path, err)
	}
	defer f.Close()
	if len(cut) > 0 {
		e.log.Warn("half a line, which a crash or a full disk had left, is taken away", "path", path)
	}
	return appendTo(f, append(line, '\n'))
}

func readScore(line []byte) (s api.PersonScore, err error) {
	if err := json.Unmarshal(line, &s); err != nil {
		return s, fmt.Errorf("expected a score as annotate --judge writes it: %w", err)
	}
	if s.ID == "" || !s.Undone && (s.Score < 1 || s.Score > scoreMost) {
		return s, errors.New(`expected "id" and a "score" from 1 to 5`)
	}
	return s, nil
}

const scoreMost = 5

// Scores are all that stand, in the order in which outputs were first scored. A
// missing file holds none.
func (e *Engine) Scores() ([]api.PersonScore, error) {
	path := e.scoresPath()
	if !files.Exists(path) {
		return nil, nil
	}
	type key struct{ id, by string }
	var order []key
	last := map[key]api.PersonScore{}
	err := files.ReadLog(path, func(line []byte) error {
		s, err := readScore(line)
		if err != nil {
			return err
		}
		k := key{s.ID, s.By}
		if _, had := last[k]; !had {
			order = append(order, k)
		}
		last[k] = s
		return nil
	})
	var out []api.PersonScore
	for _, k := range order {
		if s := last[k]; !s.Undone {
			out = append(out, s)
		}
	}
	return out, err
}

// newScorer is the scorer of a call with a metric.
func (e *Engine) newScorer(c *lm.Call, m *api.Metric, threshold *float64) (*metric.Scorer, error) {
	return metric.New(c, metric.Needs{Config: e.cfg, Host: e.host, Models: e.lm, Gates: e.gate}, m, threshold)
}

// agreement is how far a scorer agrees with what people said; nil where nobody has
// said anything.
func (e *Engine) agreement(ctx context.Context, s *metric.Scorer) (*api.JudgeAgreement, error) {
	if s.Metric.Name != api.MetricJudge {
		return nil, nil
	}
	scores, err := e.Scores()
	if err != nil {
		return nil, err
	}
	return s.Agreement(ctx, scores)
}
