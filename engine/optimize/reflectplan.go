package optimize

// planReflection bounds the reflective optimiser: it asks the student on dev, and
// may stop there if nothing is to be improved; at the most every proposal goes
// through all its minibatches and the whole of dev.
func planReflection(p planning) Estimate {
	batch := min(p.MinibatchSize, p.train)
	each := min(batches*batch, p.train) + batch + p.dev
	most := p.dev + p.NumProposals*each
	e := Estimate{Runs: Range{p.dev, most}, Judgements: Range{p.devInputs, most}, Reflections: Range{0, p.NumProposals}}
	for _, pr := range p.task.Student.Predictors {
		e.Predictors = append(e.Predictors, PredictorEstimate{Name: pr.Name, Runs: Range{p.devInputs, most}})
	}
	return e
}
