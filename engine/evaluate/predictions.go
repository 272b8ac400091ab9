package evaluate

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/gold"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/internal/jsonvalue"
)

// isLines: a baseline that is a file of questions, one JSON object a line.
func isLines(r api.ProgramRef) bool {
	return r.Given && (strings.HasSuffix(r.Path, ".jsonl") || strings.HasSuffix(r.Path, ".ndjson"))
}

// predictions are questions that somebody else wrote, by chunk, in the order
// of the file.
type predictions struct {
	path string

	mu      sync.Mutex
	byChunk map[string][]string
	given   map[string]int // entry id -> which of them it got
	next    map[string]int
}

// readPredictions reads lines of {"chunk_text", "query"}; other keys are
// ignored. A bad line is a *FileError with its number.
func readPredictions(path string) (*predictions, error) {
	p := &predictions{path: path, byChunk: map[string][]string{}, given: map[string]int{}, next: map[string]int{}}
	err := files.ReadLines(path, func(line []byte) error {
		var v struct {
			ChunkText string `json:"chunk_text"`
			Query     string `json:"query"`
		}
		if err := json.Unmarshal(line, &v); err != nil {
			return errors.New(`expected an object with texts under "chunk_text" and "query": ` + jsonvalue.Fault(err))
		}
		if strings.TrimSpace(v.ChunkText) == "" || strings.TrimSpace(v.Query) == "" {
			return errors.New(`expected texts under "chunk_text" and "query", found none or an empty one`)
		}
		p.byChunk[v.ChunkText] = append(p.byChunk[v.ChunkText], v.Query)
		return nil
	})
	return p, err
}

// of is the file's question for a gold entry. The entries of one chunk get its
// questions in turn, and the last one again when they are fewer.
func (p *predictions) of(g gold.Entry) (program.Prediction, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.byChunk[g.ChunkText]
	if len(all) == 0 {
		return program.Prediction{}, fmt.Errorf("%s has no question for this chunk", p.path)
	}
	i, known := p.given[g.ID()]
	if !known {
		i = min(p.next[g.ChunkText], len(all)-1)
		p.given[g.ID()] = i
		p.next[g.ChunkText]++
	}
	return program.Prediction{Query: all[i]}, nil
}
