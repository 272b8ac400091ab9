package optimize

// planSearch bounds one of DSPy's optimisers.
func planSearch(p planning) Estimate {
	var e Estimate
	p.runs(&e)
	for _, pr := range p.task.Student.Predictors {
		shown := 0
		for _, ex := range p.task.Train {
			if ex.Demo.Usable(pr.Signature) {
				shown++
			}
		}
		e.Predictors = append(e.Predictors, p.predictor(pr.Name, min(shown, p.MaxLabeledDemos), e))
	}
	e.Judgements.add(min(p.devInputs, e.Runs.Least), e.Runs.Most+e.Teachings.Most)
	return e
}

func (p planning) stopsEarly() bool { return p.Prune && p.searches() }

func (p planning) runs(e *Estimate) {
	for _, n := range p.numbers() {
		size := min(p.sizeOf(n), p.train)
		if size > 0 {
			e.Teachings.add(size, p.train*p.MaxRounds)
		}
		e.Runs.add(p.dev, p.dev)
	}
	if p.stopsEarly() {
		e.Runs.Least, e.Teachings.Least = p.dev, 0
	}
}

// predictor counts prompts that differ. Labelled examples that a predictor
// cannot show leave its prompts as they are: then the labelled candidate asks
// what the baseline asked, and every bootstrap's teacher the same.
func (p planning) predictor(name string, labelled int, e Estimate) PredictorEstimate {
	programs, teachers := len(p.numbers()), p.bootstraps()
	out := PredictorEstimate{Name: name, Labelled: labelled, Runs: Range{p.devInputs, 0}}
	if labelled == 0 {
		programs, teachers = 1+p.bootstraps(), min(1, teachers)
	} else if !p.stopsEarly() {
		out.Runs.Least = 2 * p.devInputs // the baseline, and one that shows examples
	}
	out.Runs.Most, out.Teachings.Most = programs*p.devInputs, teachers*p.trainInputs*p.MaxRounds
	if e.Teachings.Least > 0 && !p.sameExamples {
		out.Teachings.Least = min(p.sizeOf(unshuffled), p.trainInputs)
	}
	return out
}

// bootstraps are the candidates that learn from a teacher.
func (p planning) bootstraps() (n int) {
	for _, number := range p.numbers() {
		if p.sizeOf(number) > 0 {
			n++
		}
	}
	return n
}
