package api

type CheckQuestionsParams struct {
	Call
	Long
	Questions  []QuestionToCheck `json:"questions,omitempty"`
	Collection string            `json:"collection,omitempty" doc:"of saved questions; absent: store.questions.collection"`
	Report     string            `json:"report,omitempty"`
}

type QuestionToCheck struct {
	ChunkText string  `json:"chunk_text"`
	ChunkID   ChunkID `json:"chunk_id,omitzero"`
	Query     string  `json:"query"`
}

type CheckQuestionsResult struct {
	N             int            `json:"n"`
	RoundTrip     *RoundTrip     `json:"round_trip"` // null: nothing to search in or embed with
	Duplicates    int            `json:"duplicates"`
	Leaks         int            `json:"leaks"`
	NotStandalone int            `json:"not_standalone"`
	OtherLanguage int            `json:"other_language"` // than their chunk's
	Languages     map[string]int `json:"languages"`
	Diversity     map[string]any `json:"diversity"`
	Flagged       []Flag         `json:"flagged"`
	DarkChunks    []any          `json:"dark_chunks"` // ids of chunks that none of their questions finds
	Warnings      []string       `json:"warnings"`
	Report        string         `json:"report,omitempty"`
	Usage         Usage          `json:"usage"`
}

type RoundTrip struct {
	At1  float64 `json:"at_1"`
	At5  float64 `json:"at_5"`
	At10 float64 `json:"at_10"`
	MRR  float64 `json:"mrr"`
}

type Flag struct {
	Index   int      `json:"index"`
	Reasons []string `json:"reasons"`
}
