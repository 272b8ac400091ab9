package api

type ExportBatchParams struct {
	GenerateAllParams
	Batch       string `json:"batch" shape:"path" doc:"where to write: BATCH-00001.jsonl, BATCH-00002.jsonl, …"`
	Endpoint    string `json:"endpoint,omitempty" doc:"the endpoint whose model names and parameters the requests have; default the role's first"`
	MaxRequests *int   `json:"max_requests,omitempty" doc:"requests in one file at the most; default 50000"`
	MaxMB       *int   `json:"max_mb,omitempty" doc:"megabytes of one file at the most; default 190"`
}

type ExportBatchResult struct {
	ProgramUsed
	Requests int      `json:"requests" doc:"different requests that were written"` // that differ
	Files    []string `json:"files" doc:"the files, in order; none when nothing is missing"`
	// Questions: Waiting need the replies of these requests, and perhaps of
	// further rounds; Ready need none any more, and generate-all finishes them
	// without asking; Done are in generate-all's journal.
	Waiting  int       `json:"waiting" doc:"questions that need the replies of these requests, and perhaps of further rounds"`
	Ready    int       `json:"ready" doc:"questions whose replies are all known: generate-all finishes them without asking"`
	Done     int       `json:"done" doc:"questions that generate-all had finished before"`
	Failed   int       `json:"failed" doc:"questions that could not be prepared"`
	Failures []Failure `json:"failures" doc:"the failed ones, at most 1,000 of them"`
	Warnings []string  `json:"warnings" doc:"what should be known before the batch is paid for"`
	Usage    Usage     `json:"usage" doc:"what choosing personas took"` // of choosing personas
}

type ImportBatchParams struct {
	Long
	Results []string `json:"results" shape:"path" doc:"files as OpenAI's Batch API and vllm run-batch write them"`
}

type ImportBatchResult struct {
	Imported         int            `json:"imported" doc:"replies that were kept"`
	Failed           int            `json:"failed" doc:"lines that brought no usable reply; export-batch writes their requests again"`
	Failures         []BatchFailure `json:"failures" doc:"the failed lines, at most 1,000 of them"`
	PromptTokens     int            `json:"prompt_tokens" doc:"prompt tokens of the imported replies"`
	CompletionTokens int            `json:"completion_tokens" doc:"completion tokens of the imported replies"`
}

// BatchFailure is a line that brought no usable reply; export-batch exports its
// request again.
type BatchFailure struct {
	File     string `json:"file" doc:"path of the file"`
	Line     int    `json:"line" doc:"number of the line, from 1"`
	CustomID string `json:"custom_id,omitempty" doc:"the id that the line names"`
	Error    string `json:"error" doc:"why its reply cannot be used"`
}
