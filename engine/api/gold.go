package api

import (
	"encoding/json"
)

type GoldAddParams struct {
	ChunkText          string  `json:"chunk_text" doc:"the chunk's text"`
	PersonaDescription string  `json:"persona_description" doc:"who asks; may be empty"`
	GoldQuestion       string  `json:"gold_question" doc:"the question that a person picked"`
	QueryType          string  `json:"query_type,omitempty" doc:"what kind of answer is asked for"`
	QueryFormat        string  `json:"query_format,omitempty" doc:"how the question is put"`
	ChunkID            ChunkID `json:"chunk_id,omitzero" doc:"id of the chunk's point"`
}

type GoldAddResult struct {
	Count int `json:"count" doc:"entries in the gold set now"`
}

type GoldSampleParams struct {
	Count *int   `json:"count,omitempty" doc:"how many entries; default 5"`
	Seed  *int64 `json:"seed,omitempty" doc:"fixes which entries and in what order; absent: drawn"`
}

type GoldSampleResult struct {
	Total   int               `json:"total" doc:"entries in the gold set"`
	Entries []json.RawMessage `json:"entries" shape:"GoldEntry" doc:"the drawn entries, whole, unknown keys too"` // whole, unknown keys too
}

// GoldRemoveParams names the entry that an undone decision had added.
type GoldRemoveParams struct {
	ChunkText    string `json:"chunk_text"`
	GoldQuestion string `json:"gold_question"`
}

// GoldEntry is an entry of the gold set, for commands.
type GoldEntry struct {
	ChunkText          string          `json:"chunk_text" doc:"the chunk's text"`
	PersonaDescription string          `json:"persona_description" doc:"who asks"`
	GoldQuestion       string          `json:"gold_question" doc:"the question that a person picked"`
	QueryType          string          `json:"query_type,omitempty" doc:"what kind of answer is asked for"`
	QueryFormat        string          `json:"query_format,omitempty" doc:"how the question is put"`
	ChunkID            ChunkID         `json:"chunk_id,omitzero" doc:"id of the chunk's point"`
	Raw                json.RawMessage `json:"-"` // whole, unknown keys too
}

// GoldCheck is what CheckGold found. Flagged entries are counted from 0.
type GoldCheck struct {
	N             int            `json:"n"`
	Duplicates    int            `json:"duplicates"`
	Leaks         int            `json:"leaks"`
	NotStandalone int            `json:"not_standalone"`
	OtherLanguage int            `json:"other_language"`
	BadLength     int            `json:"bad_length"`
	NoPersona     int            `json:"without_persona"`
	Words         *GoldWords     `json:"words"` // null in an empty set
	Languages     map[string]int `json:"languages"`
	QueryTypes    map[string]int `json:"query_types"`
	QueryFormats  map[string]int `json:"query_formats"`
	Personas      []GoldPersona  `json:"personas"` // the commonest first
	Flagged       []GoldFlag     `json:"flagged"`
	Warnings      []string       `json:"warnings"` // of the set as a whole
}

// GoldWords are the questions' lengths in words.
type GoldWords struct {
	Shortest int `json:"shortest"`
	Median   int `json:"median"`
	Longest  int `json:"longest"`
}

// GoldPersona is how many entries a persona has.
type GoldPersona struct {
	Description string `json:"persona_description"`
	N           int    `json:"n"`
}

// GoldFlag is an entry worth a second look, and why.
type GoldFlag struct {
	Index    int      `json:"index"`
	Question string   `json:"gold_question"`
	Reasons  []string `json:"reasons"`
}
