//go:build unix

package main

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkCalls is the whole way of a 0.2 kB call, to the process and back,
// with so many in flight. tests/bench/door.py runs it beside others' clients.
func BenchmarkCalls(b *testing.B) {
	text := strings.Repeat("Loss of a residence permit is reported within two weeks, in person. ", 2)
	for _, width := range []int{1, 16, 256} {
		b.Run(fmt.Sprint(width), func(b *testing.B) {
			c := spawn(b)
			c.say(initLine)
			c.hear()
			room := make(chan struct{}, width)
			done := make(chan struct{})
			b.ResetTimer()
			go func() {
				defer close(done)
				for range b.N {
					if _, err := c.out.ReadSlice('\n'); err != nil {
						b.Error(err)
						return
					}
					<-room
				}
			}()
			for id := range b.N {
				room <- struct{}{}
				fmt.Fprintf(c.in, `{"jsonrpc":"2.0","id":%d,"method":"choose-persona","params":{"chunk_text":%q}}`+"\n", id, text)
			}
			<-done
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
			c.in.Close()
			c.ended()
		})
	}
}
