package optimize

// runReflectionThenSearch is one optimiser after the other, on one schedule: instructions
// first, then the random search with the best of them.
func runReflectionThenSearch(c *compilation) (Result, error) {
	c.warnings = append(c.warnings, unshown(c)...)
	r := newReflection(c, c.task.Student.Reset()) // demonstrations come after
	out, err := r.run()
	if err != nil {
		return out, err
	}
	more, err := r.withDemos().run()
	out.Candidates = append(out.Candidates, more.Candidates[1:]...) // the first is out.Best
	out.Warnings = append(out.Warnings, more.Warnings...)
	out.Partial = more.Partial
	if more.Best.Program != nil && more.Best.Candidate != out.Best.Candidate {
		out.Best = more.Best
	}
	return out, err
}

// withDemos is the random search for the best program's demonstrations. What that
// program scored on dev is known. Candidates are numbered after the proposals.
func (r *reflection) withDemos() *search {
	c, best := *r.compilation, r.best()
	c.settings.Name, c.task.Student, c.warnings = randomSearch, best.program, nil
	known := map[int]Score{}
	for i, s := range best.scores {
		if s != nil {
			known[i] = *s
		}
	}
	return newSearch(&c).after(best.number, known, c.settings.NumProposals)
}

// planReflectionThenSearch adds both up; the search may find nothing left to do.
func planReflectionThenSearch(p planning) Estimate {
	e := planReflection(p)
	p.Name = randomSearch
	demos := planSearch(p)
	e.Runs.Most += demos.Runs.Most
	e.Judgements.Most += demos.Judgements.Most
	e.Teachings.Most += demos.Teachings.Most
	for i, d := range demos.Predictors {
		e.Predictors[i].Labelled = d.Labelled
		e.Predictors[i].Runs.Most += d.Runs.Most
		e.Predictors[i].Teachings.Most += d.Teachings.Most
	}
	return e
}
