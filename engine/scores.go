package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"qgen-sidecar/internal/clip"
	"qgen-sidecar/internal/jsonl"
)

// PersonScore is what a person thinks of one output, as the judge is asked: is
// the question as good as the gold one? It is one line of judge_scores.jsonl
// beside the gold set, which is only appended to; of one output and one person
// the last line counts.
type PersonScore struct {
	BlindOutput
	Score  int       `json:"score,omitempty"` // 1–5
	Lacks  []string  `json:"lacks,omitempty"` // of Clauses
	Undone bool      `json:"undone,omitempty"`
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at"`
}

// BlindOutput is an output to score, without a word on who wrote it.
type BlindOutput struct {
	ID                 string `json:"id"` // hex SHA-256 of the four texts, each followed by a zero byte
	ChunkText          string `json:"chunk_text"`
	PersonaDescription string `json:"persona_description"`
	GoldQuestion       string `json:"gold_question"`
	Query              string `json:"query"`
}

func newBlindOutput(g goldEntry, query string) BlindOutput {
	return BlindOutput{ID: hashOf(g.ChunkText, g.PersonaDescription, g.GoldQuestion, query), ChunkText: g.ChunkText,
		PersonaDescription: g.PersonaDescription, GoldQuestion: g.GoldQuestion, Query: query}
}

// Clauses of the contract's wording for the judge, as a person marks them.
var Clauses = []string{"clarity", "specificity", "relevance"}

func (e *Engine) scoresPath() string {
	return filepath.Join(filepath.Dir(e.cfg.Files.Gold), "judge_scores.jsonl")
}

// AddScore appends a score. It is on disk before this returns.
func (e *Engine) AddScore(ctx context.Context, s PersonScore) error {
	if !s.Undone && (s.Score < 1 || s.Score > scoreMost) {
		return &ParamError{Param: "score", Expected: "a whole number from 1 to 5", Found: fmt.Sprint(s.Score)}
	}
	for _, clause := range s.Lacks {
		if !slices.Contains(Clauses, clause) {
			return &ParamError{Param: "lacks", Expected: "any of clarity, specificity, relevance", Found: clip.Runes(clause, 200)}
		}
	}
	if s.At.IsZero() {
		s.At = time.Now().UTC().Truncate(time.Second)
	}
	path := e.scoresPath()
	unlock, err := lockFile(ctx, path+".lock")
	if err != nil {
		return err
	}
	defer unlock()
	line, err := marshal(s)
	if err != nil {
		return err
	}
	f, cut, err := jsonl.Open(path, jsonl.Reader{Line: func(number int, line []byte) error {
		if _, err := readScore(line); err != nil {
			return &FileError{Path: path, Line: number, Reason: err.Error()}
		}
		return nil
	}, Half: func(number int, half []byte) error {
		if !ourHalf(half) {
			return &FileError{Path: path, Line: number, Reason: "expected scores as annotate --judge writes them, found " + quotedLine(half)}
		}
		return nil
	}})
	if err != nil {
		return fileFault(path, err)
	}
	defer f.Close()
	if len(cut) > 0 {
		e.log.Warn("half a line, which a crash or a full disk had left, is taken away", "path", path)
	}
	return appendTo(f, append(line, '\n'))
}

func readScore(line []byte) (s PersonScore, err error) {
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
func (e *Engine) Scores() ([]PersonScore, error) {
	path := e.scoresPath()
	if !exists(path) {
		return nil, nil
	}
	type key struct{ id, by string }
	var order []key
	last := map[key]PersonScore{}
	err := readLog(path, func(line []byte) error {
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
	var out []PersonScore
	for _, k := range order {
		if s := last[k]; !s.Undone {
			out = append(out, s)
		}
	}
	return out, err
}
