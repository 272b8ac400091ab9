package optimize

import (
	"qgen-sidecar/engine/optimize/pyrand"
	"qgen-sidecar/engine/program"
)

// Which candidates there are, which examples each sees, and which of these become its
// demonstrations: the random draws of DSPy 3.4.1 (teleprompt/vanilla.py, bootstrap.py,
// random_search.py), each from a generator seeded anew as there.

// numbers are the candidates that an optimiser tries, in DSPy's numbering. The
// baseline is always among them.
func (s Settings) numbers() []int {
	switch s.Name {
	case labeledFewShot:
		return []int{zeroShot, labelsOnly}
	case bootstrapFewShot:
		return []int{zeroShot, unshuffled}
	}
	out := []int{zeroShot, labelsOnly, unshuffled}
	for n := range s.NumCandidatePrograms {
		out = append(out, n)
	}
	return out
}

// searches reports whether the best candidate is looked for; the two simpler
// optimisers give the one program they are named after.
func (s Settings) searches() bool { return s.Name == randomSearch }

// sizeOf is how many runs of the teacher a candidate takes over.
func (s Settings) sizeOf(number int) int {
	switch {
	case number < unshuffled:
		return 0
	case number == unshuffled || s.MaxBootstrappedDemos == 0: // DSPy crashes at 0
		return s.MaxBootstrappedDemos
	}
	return pyrand.New(int64(number)).RandInt(1, s.MaxBootstrappedDemos)
}

// orderOf is the trainset as a candidate sees it.
func orderOf(number int, train []Example) []Example {
	out := append([]Example(nil), train...)
	if number >= 0 {
		pyrand.New(int64(number)).Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	}
	return out
}

// labelled are up to k examples per predictor, all drawn from one generator, so
// that predictors get different ones.
func labelled(predictors, k int, train []Example) [][]Example {
	rng := pyrand.New(0)
	out := make([][]Example, predictors)
	for i := range out {
		out[i] = sample(rng, train, min(k, len(train)))
	}
	return out
}

// fillUp are the labelled demonstrations that follow the bootstrapped ones: per
// predictor as many as total leaves room for, of the examples not bootstrapped.
func fillUp(bootstrapped []int, total int, order []Example) [][]Example {
	rest := pyrand.New(0)
	left := append([]Example(nil), order...)
	rest.Shuffle(len(left), func(i, j int) { left[i], left[j] = left[j], left[i] })
	rng := pyrand.New(0)
	out := make([][]Example, len(bootstrapped))
	for i, have := range bootstrapped {
		out[i] = sample(rng, left, max(0, min(total-have, len(left))))
	}
	return out
}

func sample(rng *pyrand.Rand, from []Example, k int) []Example {
	out := make([]Example, k)
	for i, j := range rng.Sample(len(from), k) {
		out[i] = from[j]
	}
	return out
}

// give sets the predictors' demonstrations.
func give(p *program.Program, demos [][]Example) {
	for i, pr := range p.Predictors {
		pr.Demos = nil
		for _, ex := range demos[i] {
			pr.Demos = append(pr.Demos, ex.Demo)
		}
	}
}

// without is p with the demonstrations that equal ex taken out, so that a
// teacher is not shown the answer. It is p itself if there are none.
func without(p *program.Program, ex Example) *program.Program {
	out := p
	for i, pr := range p.Predictors {
		var kept []program.Demo
		for _, d := range pr.Demos {
			if !d.Equal(ex.Demo) {
				kept = append(kept, d)
			}
		}
		if len(kept) == len(pr.Demos) {
			continue
		}
		if out == p {
			out = p.Clone()
		}
		out.Predictors[i].Demos = kept
	}
	return out
}
