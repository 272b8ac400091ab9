package optimize

// Estimate is what a dry run can say: pipeline runs and judgements.
type Estimate struct {
	RunsAtLeast, RunsAtMost   int // evaluation; each run is one call per predictor and a judgement
	TeachAtLeast, TeachAtMost int // bootstrapping; the same with the teacher
}

// Plan bounds the work of Compile without asking anything; train and dev are
// numbers of examples. Without pruning the evaluation is exact. With it, a
// baseline that succeeds everywhere may end all, bootstrapping too. Calls repeated because a reply
// could not be read come on top.
func Plan(train, dev int, s Settings) Estimate {
	s = s.withDefaults()
	if dev == 0 {
		dev = train
	}
	var e Estimate
	for _, n := range s.numbers() {
		size := min(s.sizeOf(n), train)
		e.TeachAtLeast += size
		if size > 0 {
			e.TeachAtMost += train * s.MaxRounds
		}
	}
	e.RunsAtMost = len(s.numbers()) * dev
	e.RunsAtLeast = e.RunsAtMost
	if s.Prune && s.searches() {
		e.RunsAtLeast, e.TeachAtLeast = dev, 0
	}
	return e
}
