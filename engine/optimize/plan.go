package optimize

// Range is from At least to at most, both included.
type Range struct{ Least, Most int }

func (r *Range) add(least, most int) { r.Least, r.Most = r.Least+least, r.Most+most }

// Estimate is what can be said of a compile before anything is asked.
type Estimate struct {
	Runs      Range // evaluation: the program on a dev example, and its judgement
	Teachings Range // bootstrapping: the same of a train example, with the teacher
	// Predictors bounds the calls of each, in the program's order. Equal prompts
	// count once, as they are answered from a cache or by the same call.
	Predictors []PredictorEstimate
	Judgements Range
	// Reflections are the instructions that the teacher is asked for.
	Reflections Range
}

// PredictorEstimate bounds one predictor's calls.
type PredictorEstimate struct {
	Name      string
	Runs      Range
	Teachings Range
	Labelled  int // labelled examples that its prompts may show, at the most
}

// Plan bounds the work of Compile without asking anything. Without pruning the
// number of runs is exact. With it, a baseline that succeeds everywhere may end
// all, bootstrapping too. How many examples a bootstrap tries is open until the
// metric has spoken. Calls repeated because a reply could not be read, or
// because an endpoint failed, come on top.
func Plan(t Task, s Settings) Estimate {
	s = s.withDefaults()
	p := planning{Settings: s, train: len(t.Train), dev: len(t.Dev), sameExamples: len(t.Dev) == 0}
	if p.sameExamples {
		t.Dev, p.dev = t.Train, p.train
	}
	p.devInputs, p.trainInputs = distinct(t.Dev), distinct(t.Train)
	if s.reflects() {
		return p.reflection(t)
	}
	return p.demonstrations(t)
}

func (p planning) demonstrations(t Task) Estimate {
	var e Estimate
	p.runs(&e)
	for _, pr := range t.Student.Predictors {
		shown := 0
		for _, ex := range t.Train {
			if ex.Demo.Usable(pr.Signature) {
				shown++
			}
		}
		e.Predictors = append(e.Predictors, p.predictor(pr.Name, min(shown, p.MaxLabeledDemos), e))
	}
	e.Judgements.add(min(p.devInputs, e.Runs.Least), e.Runs.Most+e.Teachings.Most)
	return e
}

// reflection bounds a reflective optimiser: it asks the student on dev, and may
// stop there if nothing is to be improved; at the most every proposal goes through
// all its minibatches and the whole of dev.
func (p planning) reflection(t Task) Estimate {
	batch := min(p.MinibatchSize, p.train)
	each := min(batches*batch, p.train) + batch + p.dev
	most := p.dev + p.NumProposals*each
	e := Estimate{Runs: Range{p.dev, most}, Judgements: Range{p.devInputs, most}, Reflections: Range{0, p.NumProposals}}
	for _, pr := range t.Student.Predictors {
		e.Predictors = append(e.Predictors, PredictorEstimate{Name: pr.Name, Runs: Range{p.devInputs, most}})
	}
	if p.Name == reflective {
		return e
	}
	s := p
	s.Name = randomSearch
	demos := s.demonstrations(t)
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

type planning struct {
	Settings
	train, dev             int
	trainInputs, devInputs int // those with inputs of their own
	sameExamples           bool
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

// distinct counts examples whose prompts differ.
func distinct(examples []Example) int {
	seen := map[[2]string]bool{}
	for _, ex := range examples {
		seen[[2]string{ex.Values["chunk_text"], ex.Values["persona_description"]}] = true
	}
	return len(seen)
}
