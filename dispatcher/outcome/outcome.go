package outcome

import "qgen-sidecar/dispatcher/limits"

// Kind is what became of an attempt.
type Kind int

const (
	Answered  Kind = iota
	Limited        // 429: come back later; not a failure
	Failed         // the endpoint did not manage: another may, and it may later
	Unusable       // it answered, but nothing to use
	Rejected       // it will never take this request
	Missing        // it does not have this model
	Denied         // its key was refused: dead, once that is certain
	Abandoned      // the caller left
)

// Answer is what an endpoint said.
type Answer struct {
	Text, Model, Finish            string
	Vectors                        [][]float32
	PromptTokens, CompletionTokens int
}

// Tokens are those of prompt and completion.
func (a *Answer) Tokens() int { return a.PromptTokens + a.CompletionTokens }

// EstimateTokens fills in usage that an endpoint did not tell, from the bytes that
// were sent.
func (a *Answer) EstimateTokens(sent int) {
	if a.PromptTokens == 0 && a.CompletionTokens == 0 {
		a.PromptTokens, a.CompletionTokens = (sent+3)/4, (len(a.Text)+3)/4
	}
}

// Outcome is the end of one attempt. Message is for people; whoever shows it takes
// secrets out.
type Outcome struct {
	Kind    Kind
	Answer  Answer
	Message string
	Status  int          // of an HTTP error; else 0
	Certain bool         // of Denied: the server's words mean the key, whoever asks
	Hints   limits.Hints // of the headers
	Model   string       // of Missing and Denied, by our name
	Sent    bool         // the endpoint took the call: it counts, and may have cost
}
