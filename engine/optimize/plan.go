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
// because an endpoint failed, come on top. Settings that are not valid plan nothing.
func Plan(t Task, s Settings) Estimate {
	s = s.withDefaults()
	p := planning{Settings: s, task: t, train: len(t.Train), dev: len(t.Dev), sameExamples: len(t.Dev) == 0}
	if p.sameExamples {
		p.task.Dev, p.dev = t.Train, p.train
	}
	p.devInputs, p.trainInputs = distinct(p.task.Dev), distinct(t.Train)
	if o, ok := optimisers[s.Name]; ok {
		return o.plan(p)
	}
	return Estimate{}
}

// planning is what a plan goes by: settings, and how many examples there are.
type planning struct {
	Settings
	task                   Task
	train, dev             int
	trainInputs, devInputs int // those with inputs of their own
	sameExamples           bool
}

// distinct counts examples whose prompts differ.
func distinct(examples []Example) int {
	seen := map[[2]string]bool{}
	for _, ex := range examples {
		seen[[2]string{ex.Values["chunk_text"], ex.Values["persona_description"]}] = true
	}
	return len(seen)
}
