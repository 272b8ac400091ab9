package evaluate

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/programs"
	"qgen-sidecar/engine/report"
	"qgen-sidecar/engine/verdict"
)

// report writes the page, its JSON and its text.
func (j *Job) report(result *api.EvaluateResult, comparison verdict.Comparison, rows []report.Row, baseline, better []output) error {
	if j.params.Report == "" {
		return nil
	}
	result.Report = files.Abs(j.params.Report)
	usage := result.Usage
	data := report.Data{GeneratedAt: time.Now().UTC(), Version: j.Version, Split: j.split, Threshold: j.scorer.Threshold,
		TaskModel: j.better.role.Model, Comparison: comparison, SearchScore: j.search,
		Judge:    j.judgePage(result.Judge),
		Baseline: j.baseline.page(baseline), Optimized: j.better.page(better), Usage: &usage, ElapsedS: time.Since(j.call.Start).Seconds(),
		Warnings: result.Warnings, Repeat: j.repeat(), GoldOverlap: report.Overlap(result.GoldOverlap), Rows: rows}
	if err := j.Outputs.MayReport(result.Report, report.Evaluation); err != nil {
		return err
	}
	if err := report.Write(result.Report, data); err != nil {
		return &api.FileError{Path: result.Report, Reason: "cannot be written: " + files.Reason(err), Err: err}
	}
	return nil
}

// judgePage is the judge as the report has it; its warnings are among the result's.
func (j *Job) judgePage(info api.JudgeInfo) report.Judge {
	page := report.Judge{Model: info.Model, Instructions: j.Config.JudgeRole().Instructions, Kappa: info.Kappa, FlipRate: info.Flips}
	if info.Agreement != nil {
		page.Agreement = &info.Agreement.Agreement
		if c := info.Agreement.Clause; c != nil {
			page.Clause = fmt.Sprintf("%s: %.1f points on the %d outputs where it was at issue", c.Name, c.Gap, c.N)
		}
	}
	return page
}

// telling picks the examples worth reading by the report's rule, so that the
// page, the result and the terminal show the same ones.
func (j *Job) telling(rows []row, shown []report.Row) []api.EvaluateExample {
	examples := []api.EvaluateExample{}
	for _, i := range report.Pick(shown, j.shown) {
		examples = append(examples, rows[i].example())
	}
	return examples
}

func (r row) example() api.EvaluateExample {
	return api.EvaluateExample{ChunkText: r.gold.ChunkText, PersonaDescription: r.gold.PersonaDescription, GoldQuestion: r.gold.GoldQuestion,
		Unoptimized: r.baseline.scored(), Optimized: r.better.scored()}
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
