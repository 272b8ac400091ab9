package goldfile

import (
	"bytes"
	"encoding/json"
	"fmt"

	"qgen-sidecar/engine/api"
)

// pair is a line that sentence-transformers' losses on (anchor, positive) train on.
type pair struct {
	Anchor   string `json:"anchor"`
	Positive string `json:"positive"`
}

// argilla is a record of Argilla 2, as Dataset.records.to_json writes it and
// log takes it.
type argilla struct {
	ID        string                       `json:"id,omitempty"`
	Fields    map[string]string            `json:"fields"`
	Metadata  map[string]any               `json:"metadata"`
	Responses map[string][]argillaResponse `json:"responses"`
}

type argillaResponse struct {
	Value  any    `json:"value"`
	Status string `json:"status,omitempty"`
}

func toArgilla(i int, g api.GoldEntry) any {
	r := argilla{ID: fmt.Sprint(i + 1), Fields: map[string]string{"chunk": g.ChunkText, "persona": g.PersonaDescription},
		Metadata: map[string]any{}, Responses: map[string][]argillaResponse{"question": {{g.GoldQuestion, "submitted"}}}}
	if !g.ChunkID.IsZero() {
		r.Metadata["chunk_id"] = g.ChunkID
	}
	for name, value := range map[string]string{"query_type": g.QueryType, "query_format": g.QueryFormat} {
		if value != "" {
			r.Metadata[name] = value
		}
	}
	return r
}

// asGold turns a record of another tool into a gold entry; what is none of these
// stays as it is.
func asGold(raw json.RawMessage) json.RawMessage {
	var r argilla
	in := json.NewDecoder(bytes.NewReader(raw))
	in.UseNumber() // an id may be no float
	if in.Decode(&r) == nil && r.Fields != nil {
		return fromArgilla(r, raw)
	}
	var p pair
	if json.Unmarshal(raw, &p) == nil && p.Anchor != "" && p.Positive != "" {
		return marshalled(map[string]any{"chunk_text": p.Positive, "persona_description": "", "gold_question": p.Anchor}, raw)
	}
	return raw
}

// fromArgilla takes the first submitted response to the question.
func fromArgilla(r argilla, raw json.RawMessage) json.RawMessage {
	entry := map[string]any{"chunk_text": r.Fields["chunk"], "persona_description": r.Fields["persona"]}
	for _, response := range r.Responses["question"] {
		if response.Status == "" || response.Status == "submitted" {
			entry["gold_question"] = response.Value
			break
		}
	}
	for _, name := range []string{"query_type", "query_format", "chunk_id"} {
		if value, ok := r.Metadata[name]; ok {
			entry[name] = value
		}
	}
	return marshalled(entry, raw)
}

func marshalled(entry map[string]any, otherwise json.RawMessage) json.RawMessage {
	if out, err := json.Marshal(entry); err == nil {
		return out
	}
	return otherwise
}
