package gold

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/hashicorp/go-hclog"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/outputs"
	"qgen-sidecar/internal/clip"
	"qgen-sidecar/internal/jsonl"
	"qgen-sidecar/internal/jsonvalue"
)

// ScoreMost is the best score that a person gives; 1 is the worst.
const ScoreMost = 5

// Scores are what people gave to outputs, blind: a file of JSON lines beside the gold
// set, appended only, of which the last line of an output and a person holds.
type Scores struct {
	path string
	log  hclog.Logger
}

// ScoresPath is the file of the scores beside a gold set.
func ScoresPath(gold string) string {
	return filepath.Join(filepath.Dir(gold), "judge_scores.jsonl")
}

// OpenScores reads nothing yet. path is [ScoresPath].
func OpenScores(path string, log hclog.Logger) *Scores { return &Scores{path: path, log: log} }

// Add appends a score. It is on disk before this returns.
func (sc *Scores) Add(ctx context.Context, s api.PersonScore) error {
	if !s.Undone && (s.Score < 1 || s.Score > ScoreMost) {
		return &api.ParamError{Param: "score", Expected: "a whole number from 1 to 5", Found: fmt.Sprint(s.Score)}
	}
	for _, clause := range s.Lacks {
		if !slices.Contains(api.Clauses, clause) {
			return &api.ParamError{Param: "lacks", Expected: "any of clarity, specificity, relevance", Found: clip.Runes(clause, 200)}
		}
	}
	if s.At.IsZero() {
		s.At = time.Now().UTC().Truncate(time.Second)
	}
	path := sc.path
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
		if !outputs.OurHalf(half) {
			return &api.FileError{Path: path, Line: number, Reason: "expected scores as annotate --judge writes them, found " + outputs.QuotedLine(half)}
		}
		return nil
	}})
	if err != nil {
		return files.Fault(path, err)
	}
	defer f.Close()
	if len(cut) > 0 {
		sc.log.Warn("half a line, which a crash or a full disk had left, is taken away", "path", path)
	}
	if err := f.Append(append(line, '\n')); err != nil {
		return files.Fault(path, err)
	}
	return nil
}

func readScore(line []byte) (s api.PersonScore, err error) {
	if err := json.Unmarshal(line, &s); err != nil {
		return s, errors.New("expected a score as annotate --judge writes it: " + jsonvalue.Fault(err))
	}
	if s.ID == "" || !s.Undone && (s.Score < 1 || s.Score > ScoreMost) {
		return s, errors.New(`expected "id" and a "score" from 1 to 5`)
	}
	return s, nil
}

// All are the scores that stand, in the order in which outputs were first scored. A
// missing file holds none.
func (sc *Scores) All() ([]api.PersonScore, error) {
	if !files.Exists(sc.path) {
		return nil, nil
	}
	type key struct{ id, by string }
	var order []key
	last := map[key]api.PersonScore{}
	err := files.ReadLog(sc.path, func(line []byte) error {
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
