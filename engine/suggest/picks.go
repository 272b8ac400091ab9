package suggest

import "qgen-sidecar/engine/files"

const (
	// picksShown are as many as say something of a taste and leave room.
	picksShown = 6
	// picksStep: with every pick the prompt would change, and what was suggested
	// ahead be asked again after a restart.
	picksStep = 5
)

// examplePicks are the latest gold questions of other chunks, as of the last
// multiple of picksStep; none when the gold set cannot be read: suggesting goes
// on without.
func (s *Suggester) examplePicks(chunk string) []string {
	if !files.Exists(s.Gold.Path()) {
		return nil
	}
	gold, err := s.Gold.Entries()
	if err != nil {
		return nil
	}
	gold = gold[:len(gold)/picksStep*picksStep]
	var out []string
	for i := len(gold) - 1; i >= 0 && len(out) < picksShown; i-- {
		if gold[i].ChunkText != chunk {
			out = append(out, gold[i].GoldQuestion)
		}
	}
	return out
}
