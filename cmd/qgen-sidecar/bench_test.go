//go:build unix

package main

import (
	"bytes"
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
			c.keepInFlight(b, width, "", func(id int) string {
				return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"choose-persona","params":{"chunk_text":%q}}`, id, text)
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
			c.in.Close()
			c.ended()
		})
	}
}

// keepInFlight makes b.N calls, so many at once. Every answer must hold a text.
func (c *child) keepInFlight(b *testing.B, width int, expected string, call func(id int) string) {
	room := make(chan struct{}, width)
	done := make(chan struct{})
	b.ResetTimer()
	go func() {
		defer close(done)
		for range b.N {
			line, err := c.out.ReadSlice('\n')
			if err != nil || !bytes.Contains(line, []byte(expected)) {
				b.Errorf("%.300s: %v", line, err)
				return
			}
			<-room
		}
	}()
	for id := range b.N {
		select {
		case room <- struct{}{}:
		case <-done: // with an error
			return
		}
		fmt.Fprintln(c.in, call(id))
	}
	<-done
}
