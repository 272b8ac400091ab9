package generate

import (
	"context"
	"encoding/json"
	"errors"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/internal/clip"
	"qgen-sidecar/internal/jsonvalue"
)

// ImportBatch keeps the replies of a batch in the reply cache, where generate-all
// and the next export-batch find them. It may be called again with the same files.
// What brought no usable reply is listed, and exported again.
func (g *Generator) ImportBatch(ctx context.Context, p api.ImportBatchParams) (*api.ImportBatchResult, error) {
	if len(p.Results) == 0 {
		return nil, &api.ParamError{Param: "results", Expected: "at least one file of a batch's results", Found: "none"}
	}
	if err := g.needCache(); err != nil {
		return nil, err
	}
	ctx, call, err := g.Models.Begin(ctx, "import-batch", api.Call{}, dispatcher.Batch, nil)
	if err != nil {
		return nil, err
	}
	defer call.End()
	r := &api.ImportBatchResult{Failures: []api.BatchFailure{}}
	for _, path := range p.Results {
		if err := g.importFile(ctx, call, files.Abs(path), r); err != nil {
			return nil, call.Fault(ctx, err)
		}
	}
	n := r.Imported + r.Failed
	call.Progress("import", n, n, "")
	return r, nil
}

func (g *Generator) importFile(ctx context.Context, call *lm.Call, path string, r *api.ImportBatchResult) error {
	number := 0
	return files.EachLine(path, func(line []byte) error {
		if number++; ctx.Err() != nil {
			return context.Cause(ctx)
		}
		id, err := g.importLine(line, r)
		if err == nil {
			r.Imported++
		} else {
			r.Failed++
			if len(r.Failures) < failuresListed {
				r.Failures = append(r.Failures, api.BatchFailure{File: path, Line: number, CustomID: clip.Runes(id, 200), Error: err.Error()})
			}
		}
		call.Progress("import", r.Imported+r.Failed, r.Imported+r.Failed+1, "")
		return nil
	}, false)
}

func (g *Generator) importLine(line []byte, r *api.ImportBatchResult) (id string, err error) {
	if _, found := jsonvalue.Unsound(line, jsonvalue.MaxDepth); found != "" {
		return "", errors.New("found " + found)
	}
	var reply dispatcher.BatchReply
	if err := json.Unmarshal(line, &reply); err != nil {
		return "", errors.New("expected a JSON object with custom_id and response: " + jsonvalue.Fault(err))
	}
	if reply.ID == "" {
		return "", errors.New("expected a custom_id, found none")
	}
	prompt, completion, err := g.Models.KeepReply(reply)
	if err == nil {
		r.PromptTokens += prompt
		r.CompletionTokens += completion
	}
	return reply.ID, err
}
