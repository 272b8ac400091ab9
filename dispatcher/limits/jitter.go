package limits

import (
	"math/rand/v2"
	"time"
)

// Jitter spreads d by a fifth either way, so that callers do not come back at
// the same moment.
func Jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}
