package lm

import (
	"fmt"
	"time"
)

type slowHost float64

func (s slowHost) Error() string {
	return fmt.Sprintf("no answer within limits.host_callback_s = %g s", float64(s))
}

// Seconds are a config's seconds as a duration.
func Seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
