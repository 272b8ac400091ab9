package gold

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/api"
)

func TestPartsHaveTheSizesAsked(t *testing.T) {
	zero, nine := int64(0), int64(9)
	tests := map[string]struct {
		split            api.Split
		n                int
		train, dev, test int
	}{
		"default of 100":     {api.DefaultSplit(), 100, 40, 30, 30},
		"default of 24":      {api.DefaultSplit(), 24, 9, 7, 8},
		"70/30 of 10":        {api.Split{Train: 0.7, Dev: 0.3, Seed: &zero}, 10, 7, 3, 0},
		"70/30 of 24":        {api.Split{Train: 0.7, Dev: 0.3, Seed: &zero}, 24, 16, 8, 0},
		"0.29 of 100":        {api.Split{Train: 0.29, Dev: 0.3, Test: 0.41, Seed: &nine}, 100, 29, 30, 41},
		"train only":         {api.Split{Train: 0.5, Seed: &zero}, 9, 4, 5, 0},
		"file's order":       {api.Split{Train: 0.4, Dev: 0.3, Test: 0.3}, 10, 4, 3, 3},
		"one entry":          {api.DefaultSplit(), 1, 0, 0, 1},
		"less than the rest": {api.Split{Train: 0.2, Dev: 0.2, Test: 0.1, Seed: &zero}, 10, 2, 2, 6},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			chunks := make([]string, tt.n)
			for i := range chunks {
				chunks[i] = fmt.Sprint(i)
			}
			train, dev, test := Divide(tt.split, chunks)
			if len(train) != tt.train || len(dev) != tt.dev || len(test) != tt.test {
				t.Errorf("sizes %d/%d/%d, want %d/%d/%d", len(train), len(dev), len(test), tt.train, tt.dev, tt.test)
			}
			all := slices.Concat(train, dev, test)
			slices.Sort(all)
			for i := range all {
				if all[i] != i {
					t.Fatalf("entry %d is in no part or in two", i)
				}
			}
			if tt.split.Seed == nil && !slices.IsSorted(slices.Concat(train, dev, test)) {
				t.Error("the file's order was not kept")
			}
		})
	}
}

func TestEntriesOfOneChunkStayTogether(t *testing.T) {
	chunks := make([]string, 60)
	for i := range chunks {
		chunks[i] = fmt.Sprint(i / 3) // twenty chunks of three entries
	}
	train, dev, test := Divide(api.DefaultSplit(), chunks)
	in := map[string]string{}
	for part, indices := range map[string][]int{"train": train, "dev": dev, "test": test} {
		for _, i := range indices {
			if had, ok := in[chunks[i]]; ok && had != part {
				t.Errorf("chunk %s is in %s and in %s", chunks[i], had, part)
			}
			in[chunks[i]] = part
		}
	}
	if len(train) != 24 || len(dev) != 18 || len(test) != 18 {
		t.Errorf("sizes %d/%d/%d", len(train), len(dev), len(test))
	}
}

func TestWholeChunksFillTheSizeWhereTheyCan(t *testing.T) {
	groups := [][]int{{0, 1, 2}, {3, 4, 5}, {6, 7}, {8, 9}}
	part, rest := fill(groups, 4) // the first that fits leads nowhere: 3 + …
	if diff := cmp.Diff([]int{6, 7, 8, 9}, part); diff != "" || len(rest) != 2 {
		t.Errorf("part = %v, rest = %v", part, rest)
	}
	part, _ = fill([][]int{{0, 1}, {2, 3}}, 3) // cannot be exact
	if diff := cmp.Diff([]int{0, 1}, part); diff != "" {
		t.Error(diff)
	}
}

func TestSplitDependsOnTheSeedAlone(t *testing.T) {
	chunks := make([]string, 30)
	for i := range chunks {
		chunks[i] = fmt.Sprint(i)
	}
	a, _, _ := Divide(api.DefaultSplit(), chunks)
	b, _, _ := Divide(api.DefaultSplit(), chunks)
	one := int64(1)
	c, _, _ := Divide(api.Split{Train: 0.4, Dev: 0.3, Test: 0.3, Seed: &one}, chunks)
	if !slices.Equal(a, b) || slices.Equal(a, c) {
		t.Errorf("a = %v, b = %v, c = %v", a, b, c)
	}
	// Fixed for ever: run files without a split of their own rest on it.
	if want := []int{13, 21, 29}; !slices.Equal(a[:3], want) {
		t.Errorf("the permutation of seed 0 begins %v, want %v", a[:3], want)
	}
}
