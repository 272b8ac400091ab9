package points

import "math"

// Nearest scores by the distance to one vector, as Qdrant shows it.
type Nearest struct{ Vector Vector }

func (q Nearest) scorer(v *View, name string, s store) (scorer, error) {
	similar, err := v.similarTo(q.Vector, name, s)
	if err != nil {
		return scorer{}, err
	}
	switch v.config.Vectors[name].Distance {
	case Euclid:
		return scorer{ascending: true, score: func(slot int) (float32, bool) {
			d, ok := similar(slot)
			return float32(math.Sqrt(math.Abs(float64(d)))), ok
		}}, nil
	case Manhattan:
		return scorer{ascending: true, score: func(slot int) (float32, bool) {
			d, ok := similar(slot)
			return float32(math.Abs(float64(d))), ok
		}}, nil
	}
	return scorer{score: similar}, nil
}

// Recommend scores by examples (Qdrant's best_score and sum_scores; its third
// strategy, average_vector, is a Nearest to Average).
type Recommend struct {
	Positive, Negative []Vector
	Sum                bool // sum_scores instead of best_score
}

func (q Recommend) scorer(v *View, name string, s store) (scorer, error) {
	if len(q.Positive)+len(q.Negative) == 0 {
		return scorer{}, invalidf("recommend: no positive or negative examples given")
	}
	positive, err := v.allSimilar(q.Positive, name, s)
	if err != nil {
		return scorer{}, err
	}
	negative, err := v.allSimilar(q.Negative, name, s)
	if err != nil {
		return scorer{}, err
	}
	if q.Sum {
		return scorer{score: func(slot int) (float32, bool) {
			return sum(positive, slot) - sum(negative, slot), true
		}}, nil
	}
	return scorer{score: func(slot int) (float32, bool) {
		p, n := best(positive, slot), best(negative, slot)
		if p > n {
			return halfSigmoid(p), true
		}
		return -halfSigmoid(n), true
	}}, nil
}

func (v *View) allSimilar(vectors []Vector, name string, s store) ([]similarity, error) {
	out := make([]similarity, len(vectors))
	for i, vector := range vectors {
		var err error
		if out[i], err = v.similarTo(vector, name, s); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func best(to []similarity, slot int) float32 {
	b := float32(math.Inf(-1))
	for _, similar := range to {
		score, _ := similar(slot)
		b = max(b, score)
	}
	return b
}

func sum(to []similarity, slot int) (total float32) {
	for _, similar := range to {
		score, _ := similar(slot)
		total += score
	}
	return total
}

// sigmoid and halfSigmoid are Qdrant's fast forms: x/(1+|x|), and that moved
// to 0…1.
func sigmoid(x float32) float32 {
	if math.IsInf(float64(x), 0) {
		return x
	}
	return x / (1 + float32(math.Abs(float64(x))))
}

func halfSigmoid(x float32) float32 { return 0.5 * (sigmoid(x) + 1) }

// Pair is a context: nearer to Positive than to Negative.
type Pair struct{ Positive, Negative Vector }

// Discover ranks by how many pairs agree, then by the target; without a
// target (Context) by how far pairs are missed.
type Discover struct {
	Target *Vector
	Pairs  []Pair
}

func (q Discover) scorer(v *View, name string, s store) (scorer, error) {
	if q.Target == nil && len(q.Pairs) == 0 {
		return scorer{}, invalidf("discover: neither a target nor context pairs given")
	}
	var positive, negative []Vector
	for _, p := range q.Pairs {
		positive, negative = append(positive, p.Positive), append(negative, p.Negative)
	}
	near, err := v.allSimilar(positive, name, s)
	if err != nil {
		return scorer{}, err
	}
	far, err := v.allSimilar(negative, name, s)
	if err != nil {
		return scorer{}, err
	}
	if q.Target == nil {
		return scorer{score: func(slot int) (float32, bool) { return missed(near, far, slot), true }}, nil
	}
	target, err := v.similarTo(*q.Target, name, s)
	if err != nil {
		return scorer{}, err
	}
	return scorer{score: func(slot int) (float32, bool) {
		score, _ := target(slot)
		return agreed(near, far, slot) + halfSigmoid(score), true
	}}, nil
}

func agreed(near, far []similarity, slot int) (rank float32) {
	for i := range near {
		p, _ := near[i](slot)
		n, _ := far[i](slot)
		switch {
		case p > n:
			rank++
		case p < n:
			rank--
		}
	}
	return rank
}

func missed(near, far []similarity, slot int) (loss float32) {
	for i := range near {
		p, _ := near[i](slot)
		n, _ := far[i](slot)
		loss += sigmoid(min(p-n-epsilon, 0))
	}
	return loss
}

// Feedback ranks by a target and by items that somebody scored: Qdrant's naive
// strategy of relevance feedback. A pair of items counts by how much better its
// first was scored, confidence^b·c, times how much nearer a point is to it.
type Feedback struct {
	Target  Vector
	Items   []Vector
	Scores  []float32 // of Items
	A, B, C float32
}

func (q Feedback) scorer(v *View, name string, s store) (scorer, error) {
	target, err := v.similarTo(q.Target, name, s)
	if err != nil {
		return scorer{}, err
	}
	items, err := v.allSimilar(q.Items, name, s)
	if err != nil {
		return scorer{}, err
	}
	type pair struct {
		better, worse similarity
		weight        float32
	}
	var pairs []pair
	for i := range items {
		for j := range items {
			if confidence := q.Scores[i] - q.Scores[j]; i != j && confidence > 0 {
				weight := float32(math.Pow(float64(confidence), float64(q.B))) * q.C
				pairs = append(pairs, pair{items[i], items[j], weight})
			}
		}
	}
	return scorer{score: func(slot int) (float32, bool) {
		near, _ := target(slot)
		score := q.A * near
		for _, p := range pairs {
			better, _ := p.better(slot)
			worse, _ := p.worse(slot)
			score += p.weight * (better - worse)
		}
		return score, true
	}}, nil
}

// Average is the query of Qdrant's average_vector strategy: the mean of the
// positive examples, moved away from the negative ones' mean.
func Average(positive, negative []Vector) (Vector, error) {
	if len(positive) == 0 {
		return Vector{}, invalidf("recommend: the average_vector strategy needs a positive example")
	}
	switch {
	case positive[0].Sparse != nil:
		return averageSparse(positive, negative)
	case positive[0].Multi != nil:
		return averageMulti(positive, negative), nil
	}
	plus, err := mean(positive)
	if err != nil || len(negative) == 0 {
		return Vector{Dense: plus}, err
	}
	minus, err := mean(negative)
	if err == nil {
		err = checkSize(len(minus), len(plus))
	}
	if err != nil {
		return Vector{}, err
	}
	for i := range plus {
		plus[i] += plus[i] - minus[i]
	}
	return Vector{Dense: plus}, nil
}

func mean(vectors []Vector) ([]float32, error) {
	out := make([]float32, len(vectors[0].Dense))
	for _, v := range vectors {
		if err := checkSize(len(v.Dense), len(out)); err != nil {
			return nil, err
		}
		for i, x := range v.Dense {
			out[i] += x / float32(len(vectors))
		}
	}
	return out, nil
}

func averageMulti(positive, negative []Vector) Vector {
	var rows [][]float32
	for _, v := range positive {
		rows = append(rows, v.Multi...)
	}
	for _, v := range negative {
		for _, row := range v.Multi {
			minus := make([]float32, len(row))
			for i, x := range row {
				minus[i] = -x
			}
			rows = append(rows, minus)
		}
	}
	return Vector{Multi: rows}
}

func averageSparse(positive, negative []Vector) (Vector, error) {
	weights := map[uint32]float32{}
	add := func(vectors []Vector, factor float32) {
		for _, v := range vectors {
			if v.Sparse == nil {
				continue
			}
			for i, index := range v.Sparse.Indices {
				weights[index] += factor * v.Sparse.Values[i] / float32(len(vectors))
			}
		}
	}
	if len(negative) == 0 {
		add(positive, 1)
	} else {
		add(positive, 2)
		add(negative, -1)
	}
	var indices []uint32
	var values []float32
	for i, w := range weights {
		indices, values = append(indices, i), append(values, w)
	}
	sparse, err := SortSparse(indices, values)
	return Vector{Sparse: sparse}, err
}
