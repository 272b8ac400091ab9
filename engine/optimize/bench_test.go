package optimize_test

import (
	"context"
	"testing"

	"qgen-sidecar/engine/optimize"
)

// BenchmarkCompile is the engine's own work of a compile of 40 + 30 examples:
// ns/call is per model call, the judge's included.
func BenchmarkCompile(b *testing.B) {
	s := optimize.Defaults()
	s.Prune = false
	calls := 0
	for b.Loop() {
		task, asked := newTask(40, 30, 50)
		if _, err := optimize.Compile(context.Background(), task, s); err != nil {
			b.Fatal(err)
		}
		calls += int(3 * asked.judge.Load())
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(calls), "ns/call")
}
