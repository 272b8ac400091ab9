package annotate

import (
	"hash/fnv"
	"slices"
	"strings"
	"unicode"

	"qgen-sidecar/engine/decisions"
)

// Which chunk comes next. Every other one is the first open one of the file,
// which fetch drew at random: so half of the gold set is a fair sample. The ones
// between are, of the next few, the one whose words have least in common with
// what was decided already: so that topics which are thin get their turn. The
// order depends on what was decided and not on how, so that the next items'
// suggestions can be made ahead.
//
// From the twentieth taken question on, after every ten one comes back unasked,
// with its suggestions in another order: how often the person agrees with herself
// is the most that any judge can reach.

const (
	lookedAt    = 40  // open chunks that the thinnest is chosen from
	comparedTo  = 200 // latest decided chunks that are compared with
	againFrom   = 20  // taken questions before the first comes back
	againEvery  = 10
	againBehind = 8 // decisions that lie between at the least
)

// turn is what the person is shown: a chunk, or a decision of hers once more.
type turn struct {
	index int // into Options.Chunks; -1 when it is not among them
	hash  string
	chunk Chunk
	again *decisions.Record
}

// upcoming are the next n turns, as far as there are any.
func (s *session) upcoming(n int) []turn {
	decided := map[string]bool{}
	order := s.decidedHashes()
	count := len(order)
	var out []turn
	for len(out) < n {
		if r := s.againDue(); r != nil && len(out) == 0 {
			out = append(out, s.againTurn(r))
			continue
		}
		i := s.choose(count, order, decided)
		if i < 0 {
			break
		}
		out = append(out, turn{index: i, hash: s.hashes[i], chunk: s.o.Chunks[i]})
		decided[s.hashes[i]] = true
		order = append(order, s.hashes[i])
		count++
	}
	return out
}

// decidedHashes are the chunks decided on, oldest first.
func (s *session) decidedHashes() []string {
	var out []string
	for _, r := range s.live {
		if r.Op != decisions.Again {
			out = append(out, r.ChunkHash)
		}
	}
	return out
}

// choose is the next open chunk after count decisions; -1 when none is left.
func (s *session) choose(count int, order []string, decided map[string]bool) int {
	var open []int
	for i, h := range s.hashes {
		if !decided[h] && s.open(h) {
			if open = append(open, i); count%2 == 0 || len(open) == lookedAt {
				break
			}
		}
	}
	if len(open) == 0 {
		return -1
	}
	return s.thinnest(open, order[max(0, len(order)-comparedTo):])
}

// open: nothing was decided about the chunk, and it has no gold entry.
func (s *session) open(hash string) bool { return !s.decided[hash] && len(s.gold[hash]) == 0 }

// thinnest is the chunk whose nearest decided one is farthest; the first of equals.
func (s *session) thinnest(open []int, decided []string) int {
	best, least := open[0], 2.0
	for _, i := range open {
		nearest := 0.0
		for _, h := range decided {
			nearest = max(nearest, common(s.words[s.hashes[i]], s.words[h]))
		}
		if nearest < least {
			best, least = i, nearest
		}
	}
	return best
}

// againDue is the decision that comes back now; nil when none is due.
func (s *session) againDue() *decisions.Record {
	var taken []*decisions.Record
	back := map[int64]bool{}
	for i := range s.live {
		switch r := &s.live[i]; r.Op {
		case decisions.Take:
			taken = append(taken, r)
		case decisions.Again:
			back[r.Of] = true
		}
	}
	if len(taken) < againFrom || len(back) >= (len(taken)-againFrom)/againEvery+1 {
		return nil
	}
	candidates := taken[:len(taken)-againBehind]
	for k := range candidates {
		r := candidates[(7*len(back)+3+k)%len(candidates)]
		if !back[r.Seq] && r.Picked > 0 && len(r.Shown) > 1 {
			return r
		}
	}
	return nil
}

func (s *session) againTurn(r *decisions.Record) turn {
	return turn{index: slices.Index(s.hashes, r.ChunkHash), hash: r.ChunkHash, chunk: Chunk{ID: r.ChunkID, Text: r.ChunkText, Source: r.Source}, again: r}
}

// shuffledAgain are the suggestions of a decision that comes back, in another
// order: the person is to read, not to remember a number.
func shuffledAgain(r *decisions.Record) item {
	shown := slices.Clone(r.Shown)
	by := 1 + int(r.Seq)%max(1, len(shown)-1)
	it := item{Suggestions: Suggestions{Items: slices.Concat(shown[by:], shown[:by]), Model: r.Model}}
	persona := r.Persona
	it.Persona = &persona
	return it
}

// wordSet is a text's words as sorted hashes, for common.
func wordSet(text string) []uint32 {
	const most = 400 // words; a megabyte need not be read to know its topic
	var out []uint32
	for _, w := range strings.FieldsFunc(strings.ToLower(text[:min(len(text), 16<<10)]), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(w) > 3 && len(out) < most {
			h := fnv.New32a()
			h.Write([]byte(w))
			out = append(out, h.Sum32())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// common is the Jaccard similarity of two sorted sets, 0…1.
func common(a, b []uint32) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	both := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			both, i, j = both+1, i+1, j+1
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return float64(both) / float64(len(a)+len(b)-both)
}
