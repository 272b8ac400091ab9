package api

import (
	"fmt"
	"strings"
)

// RequireText: a parameter that must hold more than blanks.
func RequireText(param, value string) error {
	if strings.TrimSpace(value) == "" {
		return &ParamError{Param: param, Expected: "a text", Found: "an empty one"}
	}
	return nil
}

// IntParam reads an optional whole number within bounds.
func IntParam(param string, value *int, otherwise, low, high int) (int, error) {
	if value == nil {
		return otherwise, nil
	}
	if *value < low || *value > high {
		expected := fmt.Sprintf("a whole number from %d to %d", low, high)
		if high == AnyNumber {
			expected = fmt.Sprintf("a whole number of at least %d", low)
		}
		return 0, &ParamError{Param: param, Expected: expected, Found: fmt.Sprint(*value)}
	}
	return *value, nil
}

// AnyNumber is no upper bound.
const AnyNumber = int(^uint(0) >> 1)
