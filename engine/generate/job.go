package generate

import (
	"fmt"
	"slices"
	"strings"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/gate"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/quality"
	"qgen-sidecar/engine/store"
	"qgen-sidecar/engine/typemix"
)

// Job is one generate-all, export-batch or dry run under way: which chunks are walked
// over, which questions of each are wanted, and what earlier calls finished.
type Job struct {
	writer
	walk     store.Walk
	perChunk int
	types    typemix.Plan
	output   string // "": none
	save     bool
	anew     bool           // what earlier calls finished does not count
	gateList string         // as the journal has the gates
	known    *memory        // what earlier calls finished; nil: nothing
	underway *gate.Underway // questions that are to be saved; nil: none are
}

// newJob checks the parameters that need nothing to be loaded.
func (g *Generator) newJob(call *lm.Call, p api.GenerateAllParams) (*Job, error) {
	j := &Job{writer: writer{rooms: g, call: call, draws: 1, tally: &gate.Tally{}},
		walk: store.Walk{Collection: g.Store.Collection(p.Collection), Slice: api.Slice{Total: 1}},
		save: p.Save, anew: p.Resume != nil && !*p.Resume, types: typemix.New(g.Config.Quality.TypeMix)}
	var err error
	if j.walk.Limit, err = api.IntParam("limit", p.Limit, api.AnyNumber, 1, api.AnyNumber); err != nil {
		return nil, err
	}
	if j.perChunk, err = api.IntParam("per_chunk", p.PerChunk, 1, 1, 20); err != nil {
		return nil, err
	}
	if j.walk.Filter, err = store.ParseFilter(p.Filter); err != nil {
		return nil, err
	}
	if p.Slice != nil {
		j.walk.Slice = *p.Slice
	}
	if s := j.walk.Slice; s.Total < 1 || s.Index < 0 || s.Index >= s.Total {
		return nil, &api.ParamError{Param: "slice", Expected: "0 <= index < total", Found: fmt.Sprintf("index %d of %d", s.Index, s.Total)}
	}
	if p.Output != "" {
		j.output = files.Abs(p.Output)
		if err := g.mayAppend(j.output, j.output+".journal"); err != nil {
			return nil, err
		}
	}
	return j, nil
}

// load loads the program and checks the gates.
func (j *Job) load(p api.GenerateAllParams) error {
	if err := j.writer.load(p.Program, p.Gates); err != nil {
		return err
	}
	j.gateList = strings.Join(j.gates, ",")
	return nil
}

// journalPath is beside the output; without one beside the program, where the
// next call with the same config finds it.
func (j *Job) journalPath() string {
	if j.output != "" {
		return j.output + ".journal"
	}
	name := "generate-all.journal"
	if s := j.walk.Slice; s.Total > 1 {
		name = fmt.Sprintf("generate-all-%d-of-%d.journal", s.Index, s.Total)
	}
	return j.rooms.Config.StatePath(name)
}

// recall reads what earlier calls finished, if anything, and writes nothing.
func (j *Job) recall() (err error) {
	if files.Exists(j.journalPath()) && !j.anew {
		j.known, err = readKnown(j.output, j.journalPath(), j.perChunk > 1)
	}
	return err
}

// question is one question of a chunk as it is planned.
type question struct {
	id       string
	chunk    string
	chunkID  api.ChunkID
	kind     string // the type it is to be of; "" any
	finished finished
	needed   bool
}

// questions are those of a chunk and what is known of them; none without a text.
func (j *Job) questions(c store.Chunk) []question {
	if !c.HasText() {
		return nil
	}
	out := make([]question, j.perChunk)
	for i := range out {
		id := files.Hash(c.ID.String(), files.Hash(c.Text), j.program.Hash, fmt.Sprint(i))[:32]
		q := question{id: id, chunk: c.Text, chunkID: api.NewChunkID(c.ID.Value()), needed: true}
		q.kind = j.types.Of(q.chunkID.String()+files.Hash(c.Text), i, j.perChunk)
		if known, ok := j.known.find(id); ok {
			q.finished, q.needed = known, j.missing(known)
		}
		out[i] = q
	}
	return out
}

// missing: a question that was saved but is not in this output, or the other
// way round, or was rejected by other gates, is asked again; the dispatcher's
// cache has the reply.
func (j *Job) missing(f finished) bool {
	if f.rejected {
		return f.gates != j.gateList
	}
	return j.output != "" && !f.written || j.save && !f.saved
}

// earlier are the questions of a chunk that the next one is to differ from.
type earlier struct {
	asked []string
	taken []program.Chosen
}

// add takes a question; "" is none.
func (e *earlier) add(query string, chosen program.Chosen) {
	if query == "" || slices.ContainsFunc(e.asked, func(had string) bool { return quality.Same(had, query) }) {
		return
	}
	e.asked = append(e.asked, query)
	if chosen.Type != "" {
		e.taken = append(e.taken, chosen)
	}
}
