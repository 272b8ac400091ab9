package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"qgen-sidecar/engine/files"
	"qgen-sidecar/internal/clip"
	"qgen-sidecar/internal/nearest"
)

// value is a flag's value: what the help calls it, and what takes it as it was typed.
type value struct {
	word     string // "N", "FILE", "JSON"
	repeated bool
	files    bool     // @FILE is read
	oneOf    []string // all that it may be, for completion; nil: anything
	take     func(string) error
}

func (v *value) String() string     { return "" }
func (v *value) Set(s string) error { return v.take(s) }
func (v *value) Type() string       { return v.word }

// define adds a flag with such a value.
func define(fs *pflag.FlagSet, name, doc string, v *value) { fs.Var(v, name, doc) }

// defineSwitch adds a flag that needs no value.
func defineSwitch(fs *pflag.FlagSet, name, doc string, v *value) {
	fs.VarPF(v, name, "", doc).NoOptDefVal = "true"
}

// whole is a value of a whole number.
func whole(into *int64) *value {
	return &value{word: "N", take: func(s string) (err error) {
		*into, err = wholeNumber(s)
		return err
	}}
}

func wholeNumber(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("expected a whole number from %d to %d, found %q", math.MinInt64, math.MaxInt64, clip.Runes(s, 60))
	}
	if err != nil {
		return 0, fmt.Errorf("expected a whole number, found %q", clip.Runes(s, 60))
	}
	return n, nil
}

// text is a value of any text.
func text(word string, into *string) *value {
	return &value{word: word, take: func(s string) error {
		*into = s
		return nil
	}}
}

// oneOf refuses a word that is not in a closed set, and names the nearest.
func oneOf(set []string, s string) error {
	if slices.Contains(set, s) {
		return nil
	}
	if near := nearest.Of(s, set); near != "" {
		return fmt.Errorf("expected one of %s, found %q; did you mean %s?", strings.Join(set, ", "), clip.Runes(s, 60), near)
	}
	return fmt.Errorf("expected one of %s, found %q", strings.Join(set, ", "), clip.Runes(s, 60))
}

// fromFile is the text of a file for "@file", else s itself.
func fromFile(s string) (string, error) {
	name, ok := strings.CutPrefix(s, "@")
	if !ok {
		return s, nil
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("expected a file after @, but %s cannot be read: %s", clip.Runes(name, 200), files.Reason(err))
	}
	return strings.TrimPrefix(string(b), "\ufeff"), nil
}
