package goldfile

import (
	"encoding/json"
	"strings"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/jsonvalue"
)

// badEntry is what is wrong with a gold entry; "" nothing.
func badEntry(raw []byte) string {
	var p api.GoldAddParams
	if err := json.Unmarshal(raw, &p); err != nil {
		return "expected an object with \"chunk_text\", \"persona_description\" and \"gold_question\": " + jsonvalue.Fault(err)
	}
	for _, f := range []struct{ name, value string }{{"chunk_text", p.ChunkText}, {"gold_question", p.GoldQuestion}} {
		if strings.TrimSpace(f.value) == "" {
			return f.name + ": expected a text, found none"
		}
	}
	return ""
}
