package why_test

import (
	"fmt"
	"os"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

func TestWhy(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{EndpointKeys: enginetest.Priced})
	w.WriteGold(12)
	enginetest.Compile(t, w, api.CompileParams{})
	p := enginetest.AboutChunk(2)
	p.Save, p.Gates = true, []string{"standalone", "answerable"}
	enginetest.Script(w, "Where are balcony railings?")
	r := enginetest.Must(w.Generate(t.Context(), p))(t)
	why := enginetest.Must(w.Why(t.Context(), r.PointID.(string)))(t)
	if why.Question != *r.Query || why.ChunkID != uint64(2) || why.Chunk["title"] != "Handbook" || why.PersonaDescription != "a tenant" ||
		why.Plan != (api.WhyPlan{QueryType: "t", QueryFormat: "f"}) || why.Model != r.Model || why.Stale != "" || why.CreatedAt == "" {
		t.Errorf("why = %+v", why)
	}
	from := why.Provenance
	if from["endpoint"] != "a" || from["calls"] != int64(4) || from["usd"].(float64) <= 0 || fmt.Sprint(from["gates"]) != "[standalone answerable]" || from["collection"] != "chunks" || from["asked_again"] != false {
		t.Errorf("provenance %v", from)
	}
	program := why.Program
	if program.Hash != r.ProgramHash || len(program.Predictors) != 2 || program.Missing != "" || len(program.Predictors[1].Demonstrations) == 0 {
		t.Errorf("program %+v", program)
	}
	// Whatever becomes of the file, what a question was asked with can be said.
	if err := os.Remove(w.Path("optimized_pipeline.json")); err != nil {
		t.Fatal(err)
	}
	later := enginetest.Must(w.Why(t.Context(), r.PointID.(string)))(t)
	if len(later.Program.Predictors) != 2 || later.Program.Predictors[1].Instructions != program.Predictors[1].Instructions {
		t.Errorf("later: %+v", later.Program)
	}
	if err := os.RemoveAll(w.Path(".qgen/programs")); err != nil {
		t.Fatal(err)
	}
	if lost := enginetest.Must(w.Why(t.Context(), r.PointID.(string)))(t); lost.Program.Missing == "" || lost.Program.Hash != r.ProgramHash {
		t.Errorf("lost: %+v", lost.Program)
	}
	w.Edit(enginetest.SetTexts(map[uint64]string{2: ""}))
	w = enginetest.New(t, enginetest.Setup{Dir: w.Dir})
	if gone := enginetest.Must(w.Why(t.Context(), r.PointID.(string)))(t); gone.Chunk != nil || gone.Stale != "its chunk is gone" {
		t.Errorf("gone: %+v", gone)
	}
}
