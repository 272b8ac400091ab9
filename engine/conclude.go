package engine

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/metric"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/programs"
	"qgen-sidecar/engine/quality"
	"qgen-sidecar/engine/report"
	"qgen-sidecar/engine/verdict"
)

// fewFlips: a judge that changes its mind more often is noise.
const fewFlips = 0.1

// conclude turns rows into the result, and writes the report if asked.
func (j *evaluating) conclude(rows []row, agreement *api.JudgeAgreement) (*api.EvaluateResult, error) {
	before, after := make([]verdict.Outcome, len(rows)), make([]verdict.Outcome, len(rows))
	for i, r := range rows {
		before[i], after[i] = r.baseline.outcome(), r.better.outcome()
	}
	comparison := verdict.Compare(before, after)
	comparison.Difference.Verdict += metric.Mark(agreement)
	judge := j.judgeInfo(rows, agreement)
	if judge.Flips != nil && *judge.Flips > fewFlips {
		j.warnings = append(j.warnings, fmt.Sprintf("the judge contradicts itself on %.0f %% of the questions: ask it more often (repeats) or another one", 100**judge.Flips))
	}
	if lost := comparison.Baseline.Errors + comparison.Optimized.Errors; lost > 0 {
		j.warnings = append(j.warnings, fmt.Sprintf("%d of %d answers have no score because a call failed; they are in no average", lost, 2*len(rows)))
	}
	result := &api.EvaluateResult{ProgramUsed: j.better.Used(), N: len(rows), Split: j.split,
		Baseline: comparison.Baseline, Optimized: comparison.Optimized, Difference: comparison.Difference,
		Wins: comparison.Wins, Ties: comparison.Ties, Losses: comparison.Losses,
		Judge: judge, GoldOverlap: api.GoldOverlap{Baseline: likeness(rows, column(rows, false)), Optimized: likeness(rows, column(rows, true))}, Warnings: append([]string{}, j.warnings...), Examples: j.telling(rows)}
	result.Usage = j.call.Usage()
	return result, j.report(result, comparison, rows)
}

// likeness is the mean similarity of a side's questions to the gold questions,
// nil when it wrote none.
func likeness(rows []row, outputs []output) *float64 {
	sum, n := 0.0, 0
	for i, o := range outputs {
		if o.there {
			sum += quality.Similarity(o.prediction.Query, rows[i].gold.GoldQuestion)
			n++
		}
	}
	if n == 0 {
		return nil
	}
	mean := sum / float64(n)
	return &mean
}

// judgeInfo is who judged, and what speaks against it.
func (j *evaluating) judgeInfo(rows []row, agreement *api.JudgeAgreement) api.JudgeInfo {
	info := api.JudgeInfo{Model: j.scorer.Model(), Flips: j.flips(rows), Warning: j.judgeWarning(), Agreement: agreement}
	if agreement != nil && agreement.N > 0 {
		info.Kappa = &agreement.Kappa
	}
	if against := metric.Warning(agreement); against != "" {
		j.warnings = append(j.warnings, against)
		info.Warning = strings.TrimPrefix(info.Warning+"; "+against, "; ")
	}
	return info
}

// telling picks the examples worth reading by the report's rule, so that the
// page, the result and the terminal show the same ones.
func (j *evaluating) telling(rows []row) []api.EvaluateExample {
	examples := []api.EvaluateExample{}
	for _, i := range report.Pick(pages(rows), j.shown) {
		examples = append(examples, rows[i].example())
	}
	return examples
}

func (r row) example() api.EvaluateExample {
	return api.EvaluateExample{ChunkText: r.gold.ChunkText, PersonaDescription: r.gold.PersonaDescription, GoldQuestion: r.gold.GoldQuestion,
		Unoptimized: r.baseline.scored(), Optimized: r.better.scored()}
}

// report writes the page, its JSON and its text.
func (j *evaluating) report(result *api.EvaluateResult, comparison verdict.Comparison, rows []row) error {
	if j.params.Report == "" {
		return nil
	}
	result.Report = files.Abs(j.params.Report)
	usage := result.Usage
	data := report.Data{GeneratedAt: time.Now().UTC(), Version: j.engine.opts.Version, Split: j.split, Threshold: j.scorer.Threshold,
		TaskModel: j.better.role.Model, Comparison: comparison, SearchScore: j.search,
		Judge:    j.judgePage(result.Judge),
		Baseline: j.baseline.page(column(rows, false)), Optimized: j.better.page(column(rows, true)), Usage: &usage, ElapsedS: time.Since(j.call.Start).Seconds(),
		Warnings: result.Warnings, Repeat: j.repeat(), GoldOverlap: report.Overlap(result.GoldOverlap)}
	data.Rows = pages(rows)
	if err := j.engine.mayReport(result.Report, report.Evaluation); err != nil {
		return err
	}
	if err := report.Write(result.Report, data); err != nil {
		return &api.FileError{Path: result.Report, Reason: "cannot be written: " + files.Reason(err), Err: err}
	}
	return nil
}

// judgePage is the judge as the report has it; its warnings are among the result's.
func (j *evaluating) judgePage(info api.JudgeInfo) report.Judge {
	page := report.Judge{Model: info.Model, Instructions: j.engine.cfg.JudgeRole().Instructions, Kappa: info.Kappa, FlipRate: info.Flips}
	if info.Agreement != nil {
		page.Agreement = &info.Agreement.Agreement
		if c := info.Agreement.Clause; c != nil {
			page.Clause = fmt.Sprintf("%s: %.1f points on the %d outputs where it was at issue", c.Name, c.Gap, c.N)
		}
	}
	return page
}

// pages are the rows as the report has them.
func pages(rows []row) []report.Row {
	out := make([]report.Row, len(rows))
	for i, r := range rows {
		out[i] = report.Row{ChunkID: r.gold.ChunkID.Value(), ChunkText: r.gold.ChunkText, PersonaDescription: r.gold.PersonaDescription,
			GoldQuestion: r.gold.GoldQuestion, Baseline: r.baseline.page(), Optimized: r.better.page()}
	}
	return out
}

// repeat is what somebody needs to do this again.
func (j *evaluating) repeat() report.Repeat {
	gold := j.engine.goldPath(j.params.Gold)
	return report.Repeat{Command: j.commandLine(), Facts: []report.Field{
		{Name: "gold set", Text: gold}, {Name: "split", Text: j.split},
		{Name: "entries", Text: fmt.Sprint(len(j.entries))}, {Name: "SHA-256 of the entries", Text: fileHash(j.entries)},
		{Name: "baseline", Text: j.baseline.Name()}, {Name: "baseline's hash", Text: j.baseline.Hash},
		{Name: "program", Text: j.better.Name()}, {Name: "program's hash", Text: j.better.Hash},
	}}
}

// commandLine is this evaluation as a command; what is the default is left out.
func (j *evaluating) commandLine() string {
	p := j.params
	words := []string{"qgen-sidecar", j.method}
	flag := func(name string, value any, given bool) {
		if given {
			words = append(words, "--"+name, quoted(fmt.Sprint(value)))
		}
	}
	if j.method == "compare" {
		programs, _ := json.Marshal([]*string{j.baseline.Used().Program, j.better.Used().Program})
		flag("programs", string(programs), true)
		if j.baseline.role.Model != j.better.role.Model {
			models, _ := json.Marshal([]string{j.baseline.role.Model, j.better.role.Model})
			flag("models", string(models), true)
		}
	} else {
		flag("program", j.better.Path, j.better.Path != "" && j.better.Path != j.engine.cfg.Files.Program)
		flag("baseline", j.baseline.Path, j.baseline.Path != "")
	}
	flag("gold", files.Abs(p.Gold), p.Gold != "")
	flag("split", j.split, j.split != api.PartTest)
	asked, _ := json.Marshal(j.scorer.Metric)
	flag("metric", strings.Trim(string(asked), `"`), string(asked) != `"judge"`)
	flag("threshold", j.scorer.Threshold, j.scorer.Threshold != metric.DefaultThreshold)
	flag("repeats", j.repeats, j.repeats != 1)
	flag("report", files.Abs(p.Report), true)
	return strings.Join(words, " ")
}

// quoted is a word as a POSIX shell reads it back.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:@%+=,", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// column is one side's outputs.
func column(rows []row, better bool) []output {
	out := make([]output, len(rows))
	for i, r := range rows {
		if out[i] = r.baseline; better {
			out[i] = r.better
		}
	}
	return out
}

func (s *side) page(outputs []output) report.Side {
	out := report.Side{Name: filepath.Base(s.Name()), Hash: s.Hash, Model: s.role.Model, Price: price(outputs)}
	if s.Program == nil {
		out.Model = ""
		return out
	}
	for _, p := range s.Program.Predictors {
		prompt := report.Prompt{Name: p.Name, Messages: programs.Template(p, s.role)}
		for _, d := range p.Demos {
			prompt.Demos = append(prompt.Demos, demoPage(p.Signature, d))
		}
		out.Prompts = append(out.Prompts, prompt)
	}
	return out
}

func demoPage(s program.Signature, d program.Demo) report.Demo {
	page := report.Demo{Augmented: d.Augmented()}
	for _, f := range append(slices.Clone(s.Inputs), s.Outputs...) {
		if text, ok := d.Text(f.Name); ok {
			page.Fields = append(page.Fields, report.Field{Name: f.Name, Text: text})
		}
	}
	return page
}

func (o output) page() report.Output {
	scored := o.scored()
	return report.Output{Query: scored.Query, QueryType: o.prediction.QueryType, QueryFormat: o.prediction.QueryFormat,
		Score: scored.Score, Success: o.success, Reason: o.reason, Error: scored.Error}
}
