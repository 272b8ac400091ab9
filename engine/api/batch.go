package api

type ExportBatchParams struct {
	GenerateAllParams
	Batch       string `json:"batch" doc:"where to: BATCH-00001.jsonl, BATCH-00002.jsonl, …"`
	Endpoint    string `json:"endpoint,omitempty" doc:"whose model names and parameters the requests have; default the role's first"`
	MaxRequests *int   `json:"max_requests,omitempty" doc:"in a file; default 50000"`
	MaxMB       *int   `json:"max_mb,omitempty" doc:"of a file; default 190"`
}

type ExportBatchResult struct {
	ProgramUsed
	Requests int      `json:"requests"` // that differ
	Files    []string `json:"files"`
	// Questions: Waiting need the replies of these requests, and perhaps of
	// further rounds; Ready need none any more, and generate-all finishes them
	// without asking; Done are in generate-all's journal.
	Waiting  int       `json:"waiting"`
	Ready    int       `json:"ready"`
	Done     int       `json:"done"`
	Failed   int       `json:"failed"`
	Failures []Failure `json:"failures"`
	Warnings []string  `json:"warnings"`
	Usage    Usage     `json:"usage"` // of choosing personas
}

type ImportBatchParams struct {
	Long
	Results []string `json:"results" doc:"files as OpenAI's Batch API and vllm run-batch write them"`
}

type ImportBatchResult struct {
	Imported         int            `json:"imported"`
	Failed           int            `json:"failed"`
	Failures         []BatchFailure `json:"failures"`
	PromptTokens     int            `json:"prompt_tokens"`
	CompletionTokens int            `json:"completion_tokens"`
}

// BatchFailure is a line that brought no usable reply; export-batch exports its
// request again.
type BatchFailure struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	CustomID string `json:"custom_id,omitempty"`
	Error    string `json:"error"`
}
