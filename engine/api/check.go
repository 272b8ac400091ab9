package api

type CheckQuestionsParams struct {
	Call
	Long
	Questions  []QuestionToCheck `json:"questions,omitempty" doc:"the questions to measure; absent: those saved in collection"`
	Collection string            `json:"collection,omitempty" doc:"collection of saved questions; default store.questions.collection"`
	Report     string            `json:"report,omitempty" shape:"path" doc:"path of an HTML page to write; its .json and .md are written beside it"`
}

type QuestionToCheck struct {
	ChunkText string  `json:"chunk_text" doc:"the chunk's text, for checks that compare with it"`
	ChunkID   ChunkID `json:"chunk_id,omitzero" doc:"id of the chunk's point, for the round trip"`
	Query     string  `json:"query" doc:"the question"`
}

type CheckQuestionsResult struct {
	N             int            `json:"n" doc:"questions measured"`
	RoundTrip     *RoundTrip     `json:"round_trip" doc:"how well the questions find their chunks; null: there is nothing to search in or to embed with"` // null: nothing to search in or embed with
	Duplicates    int            `json:"duplicates" doc:"questions that are nearly an earlier one, in wording or in meaning"`
	Leaks         int            `json:"leaks" doc:"questions that repeat the chunk's wording"`
	NotStandalone int            `json:"not_standalone" doc:"questions that make sense only beside their chunk"`
	OtherLanguage int            `json:"other_language" doc:"questions in another language than their chunk"` // than their chunk's
	Languages     map[string]int `json:"languages" doc:"questions by language (ISO 639 code; und: not known)"`
	Diversity     map[string]any `json:"diversity" shape:"Diversity" doc:"how different the questions are, beside the gold set"`
	Flagged       []Flag         `json:"flagged" doc:"questions with a fault, in order"`
	DarkChunks    []any          `json:"dark_chunks" shape:"id" doc:"ids of chunks that none of their questions finds"` // ids of chunks that none of their questions finds
	Warnings      []string       `json:"warnings" doc:"what could not be measured, and why"`
	Report        string         `json:"report,omitempty" shape:"path" doc:"path of the page that was written"`
	Usage         Usage          `json:"usage" doc:"what the embeddings took"`
}

type RoundTrip struct {
	At1  float64 `json:"at_1" doc:"share of questions whose chunk is the first hit, 0 to 1"`
	At5  float64 `json:"at_5" doc:"share whose chunk is among the first 5"`
	At10 float64 `json:"at_10" doc:"share whose chunk is among the first 10"`
	MRR  float64 `json:"mrr" doc:"mean reciprocal rank of the chunk within the first 10, 0 to 1"`
}

type Flag struct {
	Index   int      `json:"index" doc:"place of the question, from 0"`
	Reasons []string `json:"reasons" doc:"each as check: reason"`
}
