package optimize_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"qgen-sidecar/engine/optimize"
	"qgen-sidecar/engine/program"
)

// The same data, model and metric as testdata/parity.py: pure functions of what
// is shown, so that equal demonstrations in equal order give equal scores.

var (
	types   = []string{"factual", "how-to", "comparison", "reason"}
	formats = []string{"question", "keywords", "scenario"}
)

func number(text string) uint32 {
	sum := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint32(sum[:4])
}

// fields are name=value of every marked field; what is left out is left out.
func fields(content string) []string {
	var out []string
	name := ""
	var lines []string
	for _, line := range append(strings.Split(content, "\n"), "[[ ## end ## ]]") {
		if strings.HasPrefix(line, "Respond with") {
			continue
		}
		opened, begins := strings.CutPrefix(line, "[[ ## ")
		next, ends := strings.CutSuffix(opened, " ## ]]")
		if !begins || !ends {
			lines = append(lines, line)
			continue
		}
		value := strings.TrimSpace(strings.Join(lines, "\n"))
		if name != "" && name != "completed" && !strings.HasPrefix(value, "(left out") {
			out = append(out, name+"="+value)
		}
		name, lines = next, nil
	}
	return out
}

// echo is a model that answers by a hash of the fields it is shown.
type echo struct{}

func (echo) Complete(_ context.Context, q program.Query) (program.Answer, error) {
	var shown []string
	for _, m := range q.Messages[1:] {
		shown = append(shown, fields(m.Content)...)
	}
	h := number(strings.Join(append(shown, fmt.Sprintf("rollout=%d", q.Rollout)), "\n"))
	last := q.Messages[len(q.Messages)-1].Content
	reply := fmt.Sprintf("[[ ## query_type ## ]]\n%s\n\n[[ ## query_format ## ]]\n%s\n\n", types[h%4], formats[(h>>8)%3])
	if strings.Contains(last, "[[ ## query_type ## ]]\n") {
		reply = fmt.Sprintf("[[ ## query ## ]]\nq-%08x\n\n", h)
	}
	return program.Answer{Text: reply + "[[ ## completed ## ]]", FinishReason: "stop"}, nil
}

func example(index, i int) optimize.Example {
	v := program.Values{"chunk_text": fmt.Sprintf("chunk %02d", i), "persona_description": fmt.Sprintf("persona %d", i%4), "query": fmt.Sprintf("gold %d?", i)}
	if i%3 == 0 {
		v["query_type"], v["query_format"] = types[i%4], formats[i%3]
	}
	return optimize.NewExample(index, v)
}

// errSpent ends a compile, as a spent budget does.
var errSpent = errors.New("spent")

// counts are the runs asked for, per use.
type counts struct{ teach, evaluate, judge atomic.Int64 }

// newTask has train and dev examples and a metric that passes percent of them.
func newTask(train, dev, percent int) (optimize.Task, *counts) {
	n := &counts{}
	t := optimize.Task{Student: program.New(program.Options{}), Spent: func(err error) bool { return errors.Is(err, errSpent) }}
	for i := range train {
		same := i
		if i == 7 {
			same = 5 // index 5 comes twice, see parity.py
		}
		t.Train = append(t.Train, example(i, same))
	}
	for i := range dev {
		t.Dev = append(t.Dev, example(100+i, 100+i))
	}
	run := func(ctx context.Context, p *program.Program, ex optimize.Example, round int) (program.Prediction, error) {
		return p.Run(ctx, program.Model{LM: echo{}}, inputs(ex), program.RunOptions{Rollout: round})
	}
	t.Teach = func(ctx context.Context, p *program.Program, ex optimize.Example, round int) (program.Prediction, error) {
		n.teach.Add(1)
		return run(ctx, p, ex, round)
	}
	t.Predict = func(ctx context.Context, p *program.Program, ex optimize.Example) (program.Prediction, error) {
		n.evaluate.Add(1)
		return run(ctx, p, ex, 0)
	}
	t.Judge = func(_ context.Context, ex optimize.Example, p program.Prediction) (optimize.Score, error) {
		n.judge.Add(1)
		good := number("metric|"+ex.Values["chunk_text"]+"|"+p.Query)%100 < uint32(percent)
		return optimize.Score{Success: good}, nil
	}
	return t, n
}

// inputs are what a run is given of an example: not its labels, which a gold
// entry may have.
func inputs(ex optimize.Example) program.Values {
	return program.Values{"chunk_text": ex.Values["chunk_text"], "persona_description": ex.Values["persona_description"]}
}
