package generate

import (
	"math"

	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/outputs"
	"qgen-sidecar/engine/program"
)

// memory is what earlier calls finished, as their files tell it, in little space:
// there may be millions. What this call finishes is not remembered at all, as no
// question is looked for twice. Once it is filled it is only read.
type memory struct {
	keepQueries bool // the questions themselves too
	known       map[[16]byte]remembered
	texts       textList // types, formats, names of gates
	queries     []string // the first is none
}

// finished is what earlier calls left of a question.
type finished struct {
	query, format string // where a next question is to differ from it
	kind          string // query_type
	gates         string // that rejected it
	rejected      bool
	saved         bool
	written       bool // stands in the output
}

func (f finished) chosen() program.Chosen { return program.Chosen{Type: f.kind, Format: f.format} }

// remembered is a finished question whose texts are places in the memory's lists.
type remembered struct {
	query                    uint32
	format, kind, gates      uint16
	rejected, saved, written bool
}

// source is one of generate-all's two files, and what its lines tell.
type source struct {
	kind outputs.Kind
	read func(line []byte) (journalLine, string)
	of   func(l journalLine) remembered
}

var (
	journalSource = source{journalKind, readJournal, func(l journalLine) remembered {
		return remembered{rejected: l.Rejected != "", saved: l.Saved}
	}}
	outputSource = source{questionsKind, readQuestion, func(journalLine) remembered { return remembered{written: true} }}
)

func newMemory(queries bool) *memory {
	return &memory{keepQueries: queries, known: map[[16]byte]remembered{}, queries: []string{""}}
}

// readKnown is what the files tell, for those who write nothing: they stay as they
// are, and half a line is passed over.
func readKnown(output, logPath string, queries bool) (*memory, error) {
	m := newMemory(queries)
	for _, f := range []struct {
		path string
		source
	}{{logPath, journalSource}, {output, outputSource}} {
		if f.path == "" || !files.Exists(f.path) {
			continue
		}
		err := files.ReadLog(f.path, func(line []byte) error { return m.note(f.path, f.source, 0, line) })
		if err != nil {
			return nil, err
		}
	}
	return m, nil
}

// note remembers what a line tells, or says why it is none of ours.
func (m *memory) note(path string, own source, number int, line []byte) error {
	l, found := own.read(line)
	if found != "" {
		return outputs.Foreign(path, number, own.kind, found)
	}
	r := own.of(l)
	if r.written {
		l.Gates = "" // the application's, as all but a few members
	}
	r.gates, r.kind = m.texts.place(l.Gates), m.texts.place(l.QueryType)
	if m.keepQueries && l.Query != "" {
		r.format, r.query = m.texts.place(l.QueryFormat), uint32(len(m.queries))
		m.queries = append(m.queries, l.Query)
	}
	m.merge(l.ID, r)
	return nil
}

// merge adds what a line tells of a question to what is known of it. A line whose
// id is none of ours tells nothing.
func (m *memory) merge(id string, r remembered) {
	key, ok := idKey(id)
	if !ok {
		return
	}
	had := m.known[key]
	r.saved = r.saved || had.saved
	r.written = r.written || had.written
	m.known[key] = r
}

// find tells what an earlier call left of a question. A nil memory knows nothing.
func (m *memory) find(id string) (finished, bool) {
	if m == nil {
		return finished{}, false
	}
	key, _ := idKey(id)
	r, ok := m.known[key]
	if !ok {
		return finished{}, false
	}
	text := func(place uint16) string { return m.texts.texts[place] }
	return finished{query: m.queries[r.query], format: text(r.format), kind: text(r.kind), gates: text(r.gates),
		rejected: r.rejected, saved: r.saved, written: r.written}, true
}

// textList keeps each of a few texts once; the first is "". Free texts may be too
// many: those that come late are taken for "".
type textList struct {
	texts  []string
	places map[string]uint16
}

func (t *textList) place(text string) uint16 {
	if t.places == nil {
		t.texts, t.places = []string{""}, map[string]uint16{"": 0}
	}
	at, known := t.places[text]
	if !known && len(t.texts) <= math.MaxUint16 {
		at = uint16(len(t.texts))
		t.texts, t.places[text] = append(t.texts, text), at
	}
	return at
}
