package optimize

import (
	"context"

	"qgen-sidecar/engine/program"
)

// Example is one gold entry as the optimisers see it: the columns of a DSPy
// example (chunk_text, persona_description, query, and query_type and
// query_format where the entry has them), in that order.
type Example struct {
	Index  int // in the gold file
	Values program.Values
	Demo   program.Demo // the example as a labelled demonstration
}

// columns are an example's, in the order of a DSPy example's.
var columns = []string{"chunk_text", "persona_description", "query", "query_type", "query_format"}

// NewExample makes an example of a gold entry's values. Labels that the entry
// does not have (query_type, query_format) are missing from values, or empty.
func NewExample(index int, values program.Values) Example {
	ex := Example{Index: index, Values: program.Values{}}
	var pairs []string
	for _, c := range columns {
		v, ok := values[c]
		if !ok || v == "" && (c == "query_type" || c == "query_format") {
			continue
		}
		ex.Values[c] = v
		pairs = append(pairs, c, v)
	}
	ex.Demo = program.NewDemo(false, pairs...)
	return ex
}

// Score is what the metric says of one prediction. Success is Value >= the
// threshold; Value is 1–5 for a judge, 0 or 1 otherwise.
type Score struct {
	Value   float64 `json:"value"`
	Success bool    `json:"success"`
	Reason  string  `json:"reason,omitempty"`
}

// Task is all that an optimiser may ask for. Its functions are safe for
// concurrent use; an error from Teach, Predict or Judge is a missing answer,
// not a zero. The context they get ends when the answer is no longer needed.
type Task struct {
	Student *program.Program
	Train   []Example
	Dev     []Example
	// Teach runs p with the teacher on an example; round > 0 is another draw.
	Teach func(ctx context.Context, p *program.Program, ex Example, round int) (program.Prediction, error)
	// Predict runs p with the task model.
	Predict func(ctx context.Context, p *program.Program, ex Example) (program.Prediction, error)
	// Judge scores a prediction, of Teach as of Predict.
	Judge func(ctx context.Context, ex Example, p program.Prediction) (Score, error)
	// Reflect has the teacher write a better instruction for one predictor. Needed
	// by the reflective optimisers alone; an error is one proposal less.
	Reflect func(ctx context.Context, r Reflection) (instruction string, err error)
	// Top is the highest Value that Judge gives; 0: not known.
	Top float64
	// Recall makes a context in which these answer what they can without
	// asking a model, and fail at once otherwise. nil: nothing is known.
	Recall func(context.Context) context.Context
	// Order makes a context whose calls have this order among those of the compile
	// that wait; the lower is to be served first. nil: they have none.
	Order func(ctx context.Context, order int) context.Context
	// Spent reports that an error of the functions above will meet every further
	// call, as when a budget is spent: Compile stops and returns it as it is. nil: no
	// error does.
	Spent func(error) bool
	// Progress may be nil; called from one goroutine, at the start and after every
	// example.
	Progress func(Progress)
}

// Reflection is what a teacher is to learn from: what a program did with some
// training examples.
type Reflection struct {
	Program   *program.Program
	Predictor string // whose instruction is to be better
	Records   []Record
	Earlier   []Record // the same program on other training examples, for earlier proposals
	Tried     []string // instructions written for the same that were no better, the latest last
	Draw      int      // another number is another draw
}

// Record is one run of the program. Err, without a Score: the run had no answer.
type Record struct {
	Example    Example
	Prediction program.Prediction
	Score      Score
	Err        error
}

// Progress is a moment of a compile.
type Progress struct {
	Stage     string   // bootstrap | reflect | evaluate: what the example just finished was for
	Candidate int      // whose
	Score     *float64 // of that candidate so far, percent; nil: nothing answered
	Of        [2]int   // its dev examples: finished, all
	Best      *Leader  // nil: no candidate is finished
	Done      int      // examples finished, over all candidates
	Total     int      // Done and those foreseen; shrinks when candidates are pruned
	Known     int      // of those done: known from an earlier compile, so nobody was asked
}

// Leader is the best of the candidates that are finished.
type Leader struct {
	Candidate int
	Score     float64
}
