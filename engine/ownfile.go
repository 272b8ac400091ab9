package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/decisions"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/report"
	"qgen-sidecar/internal/atomicfile"
	"qgen-sidecar/internal/clip"
	"qgen-sidecar/internal/jsonl"
)

// This file is the one rule on which files may be written: a method replaces, or
// appends to, a file only if it is empty or holds what this method writes; and
// never one that has another purpose here, whatever it holds.

// fileKind is what one method writes, and how its files are known again.
type fileKind struct {
	name  string // "chunks, as fetch writes them"
	check func(f io.Reader) (line int, found string, err error)
}

var (
	kindQuestions = lineKind("questions, as generate-all writes them", notQuestion)
	kindJournal   = lineKind("the journal of generate-all", notJournal)
	kindProgram   = fileKind{"a program, as compile writes it", checkProgram}
	kindRun       = fileKind{"a run file, as compile writes it", checkRun}
)

// lineKind are files of JSON objects, one a line. not says why a line is none of
// them, "" when it is.
func lineKind(name string, not func(line []byte) string) fileKind {
	return fileKind{name, func(f io.Reader) (line int, found string, err error) {
		foreign := errors.New("foreign")
		end, err := jsonl.Scan(f, func(number int, text []byte) error {
			if found = not(text); found != "" {
				line = number
				return foreign
			}
			return nil
		})
		switch {
		case errors.Is(err, foreign):
			return line, found, nil
		case err == nil && len(end.Rest) > 0:
			return end.Lines + 1, not(end.Rest), nil
		}
		return 0, "", err
	}}
}

// ownLine are the keys by which lines are known, beside those of the journal.
type ownLine struct {
	journalLine
	ChunkID   json.RawMessage `json:"chunk_id"`
	ChunkText json.RawMessage `json:"chunk_text"`
}

// chunksName names fetch's kind, whatever fields it was asked for.
const chunksName = "chunks, as fetch writes them"

// kindChunks are the lines of a fetch with these fields. Lines of other files have
// an id and a text as well; they are told by what else they hold.
func kindChunks(fields []string) fileKind {
	return lineKind(chunksName, func(line []byte) string {
		var keys map[string]json.RawMessage
		if json.Unmarshal(line, &keys) != nil || keys["chunk_id"] == nil || keys["chunk_text"] == nil {
			return quotedLine(line)
		}
		for _, other := range []string{"id", "query", "gold_question", "program_hash", "score"} {
			if keys[other] != nil && !slices.Contains(fields, other) {
				return "a line with the key " + other
			}
		}
		return ""
	})
}

func notQuestion(line []byte) string {
	_, why := readQuestion(line)
	return why
}

func notJournal(line []byte) string {
	_, why := readJournal(line)
	return why
}

// readQuestion reads a line of generate-all's output, or says what it is instead.
func readQuestion(line []byte) (journalLine, string) {
	var l ownLine
	if json.Unmarshal(line, &l) != nil || l.ChunkID == nil || l.ChunkText == nil || l.Query == "" || !ourID(l.ID) {
		return journalLine{}, quotedLine(line)
	}
	return l.journalLine, ""
}

// readJournal is readQuestion of its journal.
func readJournal(line []byte) (journalLine, string) {
	var l ownLine
	if json.Unmarshal(line, &l) != nil || l.ChunkText != nil || !ourID(l.ID) {
		return journalLine{}, quotedLine(line)
	}
	return l.journalLine, ""
}

// ourID: questions of generate-all have 16 bytes in hexadecimal for an id.
func ourID(id string) bool {
	_, ok := journalKey(id)
	return ok
}

func quotedLine(line []byte) string { return fmt.Sprintf("%q", clip.Runes(string(line), 200)) }

// ourHalf is [jsonl.HalfOf] of the lines that begin with an id, as all here do.
func ourHalf(half []byte) bool { return jsonl.HalfOf(half, []byte(`{"id":`)) }

func checkProgram(f io.Reader) (int, string, error) {
	data, err := io.ReadAll(io.LimitReader(f, 64<<20))
	if err != nil {
		return 0, "", err
	}
	var keys map[string]json.RawMessage
	if json.Unmarshal(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), &keys) == nil {
		for key := range keys {
			if !slices.Contains([]string{"analyzer", "generator", "metadata"}, key) {
				return 0, "a program with more than that (" + key + ")", nil
			}
		}
	}
	_, err = program.Parse(data, program.Options{})
	var bad *program.FileError
	if errors.As(err, &bad) {
		return bad.Line, "something else (" + bad.Where() + bad.Reason + ")", nil
	}
	return 0, "", err
}

func checkRun(f io.Reader) (int, string, error) {
	var run struct {
		CreatedAt *string `json:"created_at"`
		Program   *struct {
			Hash *string `json:"hash"`
		} `json:"program"`
		Entries *[]json.RawMessage `json:"entries"`
	}
	data, err := io.ReadAll(f)
	if err != nil {
		return 0, "", err
	}
	if json.Unmarshal(data, &run) != nil || run.CreatedAt == nil || run.Program == nil || run.Program.Hash == nil || run.Entries == nil {
		return 0, "something else", nil
	}
	return 0, "", nil
}

// mayWrite finds out whether a file may become one of this kind. It is asked
// before anything is paid for, and again when the file is written.
func (e *Engine) mayWrite(path string, kind fileKind) error {
	real := realPath(path)
	if why := e.purposeOf(real, kind); why != "" {
		return &api.FileError{Path: path, Reason: "nothing is written there: it is " + why + "; name another file"}
	}
	info, err := os.Stat(real)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && info.Mode().IsRegular() && blank(real, info.Size()):
		return nil
	case err != nil:
		return &api.FileError{Path: path, Reason: "cannot be looked at: " + files.Reason(err), Err: err}
	case !info.Mode().IsRegular():
		return &api.FileError{Path: path, Reason: "expected a file, found " + modeName(info.Mode()) + "; name another file"}
	}
	return holds(path, kind)
}

// mayAppend is mayWrite of generate-all's output and journal by their first lines.
// The others are looked at when they are read.
func (e *Engine) mayAppend(output, journal string) error {
	if err := e.mayWrite(output, kindQuestions.byFirstLine(notQuestion)); err != nil {
		return err
	}
	return e.mayWrite(journal, kindJournal.byFirstLine(notJournal))
}

// byFirstLine judges a file by its first line; half a line may be the beginning
// of one.
func (k fileKind) byFirstLine(not func([]byte) string) fileKind {
	return fileKind{k.name, func(f io.Reader) (line int, found string, err error) {
		enough := errors.New("enough")
		end, err := jsonl.Scan(f, func(number int, text []byte) error {
			line, found = number, not(text)
			return enough
		})
		switch half := bytes.TrimSpace(end.Rest); {
		case errors.Is(err, enough):
			return line, found, nil
		case err == nil && jsonl.Whole(half):
			return end.Lines + 1, not(half), nil
		case err == nil && len(half) > 0 && !ourHalf(half):
			return end.Lines + 1, quotedLine(half), nil
		}
		return 0, "", err
	}}
}

// blank: nothing stands in a file, or nothing but blanks.
func blank(path string, size int64) bool {
	const most = 4096
	if size == 0 || size > most {
		return size == 0
	}
	data, err := os.ReadFile(path)
	return err == nil && len(bytes.TrimSpace(data)) == 0
}

// holds reports, as a *FileError, what else than the kind a file holds.
func holds(path string, kind fileKind) error {
	f, err := os.Open(path)
	if err != nil {
		return &api.FileError{Path: path, Reason: "cannot be read: " + files.Reason(err), Err: err}
	}
	defer f.Close()
	line, found, err := kind.check(f)
	if err != nil {
		return &api.FileError{Path: path, Reason: "cannot be read: " + files.Reason(err), Err: err}
	}
	if found != "" {
		return foreignFile(path, line, kind, found)
	}
	return nil
}

func foreignFile(path string, line int, kind fileKind, found string) error {
	return &api.FileError{Path: path, Line: line, Reason: "expected an empty file or " + kind.name + ", found " + found + ": it stays as it is; remove it, or name another file"}
}

func modeName(m fs.FileMode) string {
	if m.IsDir() {
		return "a folder"
	}
	return "no regular file (" + m.Type().String() + ")"
}

// purposeOf is what a path serves for here that a file of this kind must not
// take its place; "" nothing.
func (e *Engine) purposeOf(real string, kind fileKind) string {
	if s := e.cfg.Store; s != nil && s.Path != "" && within(real, s.Path) {
		return "inside the store folder " + s.Path
	}
	if c := e.cfg.Cache.Path; c != "" && within(real, c) {
		return "inside the cache folder " + c
	}
	own := e.cfg.Files
	for _, f := range []struct{ path, what, kind string }{
		{own.Gold, "the gold set (files.gold)", ""},
		{own.Gold + ".lock", "the gold set's lock", ""},
		{decisions.Beside(own.Gold), "the journal of annotate", ""},
		{e.scoresPath(), "the judge's scores by people", ""},
		{own.RawChunks, "the sample of chunks (files.raw_chunks)", chunksName},
		{own.Program, "the program (files.program)", kindProgram.name},
		{runPath(own.Program), "the program's run file", kindRun.name},
		{pendingRunPath(own.Program), "the program's run file", kindRun.name},
		{e.cfg.Personas.Path, "the personas (personas.path)", ""},
		{e.cfg.Path, "the config", ""},
	} {
		if f.path != "" && kind.name != f.kind && sameName(real, f.path) {
			return f.what
		}
	}
	if strings.HasSuffix(real, ".lock") {
		return "the name of a lock"
	}
	if within(real, e.cfg.StatePath("programs")) || filepath.Dir(real) == realPath(e.cfg.StatePath()) && kind.name != kindJournal.name && strings.Contains(filepath.Base(real), ".journal") {
		return "among the sidecar's own files"
	}
	return ""
}

// realPath follows links as far as the path exists, so that two names of one
// file are one.
func realPath(path string) string {
	path = atomicfile.Resolve(files.Abs(path))
	rest := ""
	for at := path; ; {
		if real, err := filepath.EvalSymlinks(at); err == nil {
			return filepath.Join(real, rest)
		}
		up := filepath.Dir(at)
		if up == at {
			return path
		}
		rest = filepath.Join(filepath.Base(at), rest)
		at = up
	}
}

func within(real, folder string) bool {
	rel, err := filepath.Rel(realPath(folder), real)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// sameName: the same path, or two names of one file.
func sameName(real, other string) bool {
	if real == realPath(other) {
		return true
	}
	a, errA := os.Stat(real)
	b, errB := os.Stat(other)
	return errA == nil && errB == nil && os.SameFile(a, b)
}

// replaceOwn replaces a file that may become one of this kind.
func (e *Engine) replaceOwn(path string, kind fileKind, write func(io.Writer) error) error {
	if err := e.mayWrite(path, kind); err != nil {
		return err
	}
	return files.Replace(path, write)
}

// reportFile is one of the files that a report consists of.
type reportFile struct {
	path string
	fileKind
}

func reportFiles(path string, kind report.Kind) (out []reportFile) {
	for _, holds := range report.Files(path, kind) {
		out = append(out, reportFile{holds.Path, fileKind{holds.Name, func(f io.Reader) (int, string, error) {
			ok, err := holds.Own(f)
			if err == nil && !ok {
				return 0, "something else", nil
			}
			return 0, "", err
		}}})
	}
	return out
}
