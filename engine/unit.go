package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/store"
	"qgen-sidecar/internal/jsonvalue"
)

// unit is one question to ask.
type unit struct {
	id       string
	chunk    string
	chunkID  api.ChunkID
	kind     string // the type it is to be of; "" any
	finished finished
	needed   bool
}

// units are a chunk's questions and what is known of them; none without a text.
func (j *generatingAll) units(p store.Chunk) []unit {
	if !p.HasText() {
		return nil
	}
	text := p.Text
	units := make([]unit, j.perChunk)
	for i := range units {
		id := files.Hash(p.ID.String(), files.Hash(text), j.program.Hash, fmt.Sprint(i))[:32]
		u := unit{id: id, chunk: text, chunkID: api.NewChunkID(p.ID.Value()), needed: true}
		u.kind = j.types.of(u.chunkID.String()+files.Hash(text), i, j.perChunk)
		if j.journal != nil {
			if known, ok := j.journal.find(id); ok {
				u.finished, u.needed = known, j.missing(known)
			}
		}
		units[i] = u
	}
	return units
}

// missing: a question that was saved but is not in this output, or the other
// way round, or was rejected by other gates, is asked again; the dispatcher's
// cache has the reply.
func (j *generatingAll) missing(f finished) bool {
	if f.rejected {
		return f.gates != j.gateNames
	}
	return j.output != "" && !f.written || j.save && !f.saved
}

// chunk asks a chunk's questions one after another, each knowing the earlier
// ones, those that were refused too: it would be the same question otherwise. The
// types and formats are planned to differ. A fault of one ends the chunk; only
// what stops the job is returned.
func (j *generatingAll) chunk(p store.Chunk) error {
	units := j.units(p)
	if units == nil {
		j.note(j.perChunk, func(r *api.GenerateAllResult) { r.Skipped += j.perChunk })
		return nil
	}
	persona := &chosenPersona{}
	var had earlier
	for i, u := range units {
		if !u.needed {
			j.skip(u)
			had.add(u.finished.query, u.finished.chosen())
			continue
		}
		d, err := j.ask(u, persona, had)
		if err != nil && j.call.Stops(err) {
			return err
		}
		if err != nil {
			j.failed(u, len(units)-i, err)
			return nil
		}
		had.add(d.Query, chosenOf(d.Prediction))
	}
	return nil
}

// skip counts a question that an earlier call finished.
func (j *generatingAll) skip(u unit) {
	j.note(1, func(r *api.GenerateAllResult) {
		r.Skipped++
		if !u.finished.rejected {
			j.counted.count(u.finished.kind)
		}
	})
}

// earlier are the questions of a chunk that the next one is to differ from.
type earlier struct {
	asked []string
	taken []program.Chosen
}

// add takes a question; "" is none.
func (e *earlier) add(query string, chosen program.Chosen) {
	if query == "" || slices.ContainsFunc(e.asked, func(had string) bool { return sameQuestion(had, query) }) {
		return
	}
	e.asked = append(e.asked, query)
	if chosen.Type != "" {
		e.taken = append(e.taken, chosen)
	}
}

// chosenPersona is chosen once a chunk.
type chosenPersona struct {
	known, skip bool
	description string
}

// ask gives the question that was accepted or refused; a draw without one when
// none was asked.
func (j *generatingAll) ask(u unit, persona *chosenPersona, had earlier) (d draw, err error) {
	if reason := j.useless(u.chunk); reason != "" {
		return d, j.rejected(u, draw{rejected: reason})
	}
	if err := j.choose(persona, u); err != nil {
		return d, err
	}
	if persona.skip {
		return d, j.rejected(u, draw{rejected: hostSkipped})
	}
	one := j.alone()
	d, err = one.best(wanted{chunk: u.chunk, id: u.chunkID, persona: persona.description, avoid: had.asked,
		plan: program.Plan{Type: u.kind, Taken: had.taken}, underway: j.underway})
	if err != nil {
		return d, err
	}
	if d.rejected != "" {
		return d, j.rejected(u, d)
	}
	err = j.accept(one, u, persona.description, d)
	d.settle(err == nil)
	return d, err
}

// choose finds the persona, once.
func (j *generatingAll) choose(persona *chosenPersona, u unit) error {
	if persona.known {
		return nil
	}
	description, skip, err := j.engine.persona.For(j.call, nil, u.chunk, u.chunkID)
	if err == nil {
		*persona = chosenPersona{known: true, skip: skip, description: description}
	}
	return err
}

func (j *generatingAll) rejected(u unit, d draw) error {
	err := j.journal.add(journalLine{ID: u.id, Query: d.Query, QueryType: d.QueryType, QueryFormat: d.QueryFormat, Rejected: d.rejected, Gates: j.gateNames}, nil)
	j.note(1, func(r *api.GenerateAllResult) { r.Rejected++ })
	return err
}

// accept saves, then writes, then counts.
func (j *generatingAll) accept(one *generation, u unit, persona string, d draw) error {
	var point any
	if j.save {
		var err error
		point, err = j.engine.saveQuestion(one.call, store.Question{Query: d.Query, ChunkID: u.chunkID, ChunkText: u.chunk, Persona: persona,
			QueryType: d.QueryType, QueryFormat: d.QueryFormat, ProgramHash: j.program.Hash, Model: d.Model, Vector: d.vector,
			Made: one.making(j.collection, d)})
		if err != nil {
			return err
		}
	}
	var line []byte
	if j.output != "" && !u.finished.written {
		var err error
		if line, err = j.written(u, persona, d, point); err != nil {
			return err
		}
	}
	if err := j.journal.add(journalLine{ID: u.id, Query: d.Query, QueryType: d.QueryType, QueryFormat: d.QueryFormat, Saved: j.save}, line); err != nil {
		return err
	}
	j.note(1, func(r *api.GenerateAllResult) { r.Done++; r.Written++; j.counted.count(d.QueryType) })
	return nil
}

func (j *generatingAll) written(u unit, persona string, d draw, point any) ([]byte, error) {
	o := jsonvalue.NewObject()
	o.Set("id", u.id)
	o.Set("chunk_id", u.chunkID)
	o.Set("chunk_text", u.chunk)
	o.Set("persona_description", persona)
	o.Set("query", d.Query)
	o.Set("query_type", d.QueryType)
	o.Set("query_format", d.QueryFormat)
	o.Set("warnings", d.warnings)
	if point != nil {
		o.Set("point_id", point)
	}
	o.Set("model", d.Model)
	o.Set("program_hash", j.program.Hash)
	line, err := jsonvalue.Marshal(o)
	return append(line, '\n'), err
}

func (j *generatingAll) failed(u unit, questions int, err error) {
	j.note(questions, func(r *api.GenerateAllResult) {
		r.Failed += questions
		r.Failures = withFailure(r.Failures, u, err)
	})
}

// withFailure adds to a list that is bounded.
func withFailure(list []api.Failure, u unit, err error) []api.Failure {
	if len(list) == failuresListed {
		return list
	}
	return append(list, api.Failure{ChunkID: u.chunkID.Value(), Error: err.Error()})
}

// note changes the result and reports.
func (j *generatingAll) note(questions int, change func(*api.GenerateAllResult)) {
	j.advance("generate", questions, func() { change(&j.result) }, j.line)
}

// advance counts questions as looked at and reports, with what line says; the
// total is reached only at the end.
func (j *generatingAll) advance(stage string, questions int, change func(), line func(elapsed time.Duration, total int) string) {
	j.mu.Lock()
	change()
	j.seen += questions
	done, total := j.seen, max(j.total, j.seen+1)
	text := line(time.Since(j.call.Start), total)
	j.mu.Unlock()
	j.call.Progress(stage, done, total, text)
}

// line is how it goes: "61.5 a second; 3 rejected, 1 failed; $0.42; about 12 min
// left". What was skipped took no time, and tells nothing of the rest.
func (j *generatingAll) line(elapsed time.Duration, total int) string {
	r := &j.result
	made := r.Done + r.Rejected + r.Failed
	if made == 0 {
		return fmt.Sprintf("%d were done before", r.Skipped)
	}
	rate := float64(made) / elapsed.Seconds()
	parts := []string{fmt.Sprintf("%.3g a second", rate)}
	if r.Rejected+r.Failed > 0 {
		parts = append(parts, fmt.Sprintf("%d rejected, %d failed", r.Rejected, r.Failed))
	}
	if usd := j.call.Usage().USD; usd != nil && *usd > 0 {
		parts = append(parts, fmt.Sprintf("$%.2f", *usd))
	}
	if made >= enoughToTell {
		parts = append(parts, "about "+inWords(time.Duration(float64(total-j.seen)/rate*float64(time.Second)))+" left")
	}
	return strings.Join(parts, "; ")
}
