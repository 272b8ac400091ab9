package lm

import (
	"fmt"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/vectors"
)

// Purposes of an embedding, as hosts are told: some models embed what is
// searched for and what is found differently.
const (
	ForQuery   = "query"
	ForPassage = "passage"
)

// NeedEmbed is the error of something that cannot be done without.
func NeedEmbed(param, what string) error {
	return &api.ParamError{Param: param, Expected: "a vector, a host that offers embed, or [lm.embed] in the config, " + what, Found: "none of them"}
}

// checkVectors holds the host to what it answers for: as many vectors as
// texts, all of one dimension, all finite.
func checkVectors(found [][]float32, texts, dimension int) error {
	if len(found) != texts {
		return fmt.Errorf("expected %d vectors, found %d", texts, len(found))
	}
	for i, v := range found {
		if dimension == 0 {
			dimension = len(v)
		}
		if len(v) == 0 || len(v) != dimension {
			return fmt.Errorf("expected vectors of %d numbers, found vector %d of %d", dimension, i, len(v))
		}
		if err := vectors.CheckFinite(v); err != nil {
			return fmt.Errorf("vector %d: %w", i, err)
		}
	}
	return nil
}
