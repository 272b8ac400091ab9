package report

import (
	"time"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/verdict"
)

// Data is everything on the page. Absent parts (nil, "") are left out of it.
type Data struct {
	Title       string    `json:"title"` // "" : "Question generator: optimised against unoptimised"
	GeneratedAt time.Time `json:"generated_at"`
	Version     string    `json:"version,omitempty"` // of the sidecar

	Split      string             `json:"split"` // test, dev, train, all
	Threshold  float64            `json:"threshold"`
	TaskModel  string             `json:"task_model"`
	Judge      Judge              `json:"judge"`
	Comparison verdict.Comparison `json:"comparison"`
	// SearchScore is the winner's score in the search (percent), shown as "not
	// used": the best of many candidates looks better than it is.
	SearchScore *float64 `json:"search_score,omitempty"`

	Baseline  Side `json:"baseline"`
	Optimized Side `json:"optimized"`

	// GoldOverlap is how like the gold questions both sides' questions are, 0…1.
	GoldOverlap Overlap `json:"gold_overlap"`

	// Rows are all examples of the split, in the split's order.
	Rows []Row `json:"rows"`

	Usage    *dispatcher.Usage `json:"usage,omitempty"`
	ElapsedS float64           `json:"elapsed_s,omitempty"`
	Warnings []string          `json:"warnings"`
	Notes    []string          `json:"notes,omitempty"` // caveats, e.g. of a small model
	Repeat   Repeat            `json:"repeat"`
}

// Judge is who scored and how far it may be trusted.
type Judge struct {
	Model        string   `json:"model"`
	Instructions string   `json:"instructions,omitempty"`
	Kappa        *float64 `json:"kappa,omitempty"`
	// Agreement is nil when no person scored outputs.
	Agreement *verdict.Agreement `json:"agreement,omitempty"`
	Clause    string             `json:"clause,omitempty"`    // on which both disagree most, with numbers
	FlipRate  *float64           `json:"flip_rate,omitempty"` // 0…1
	Warning   string             `json:"warning,omitempty"`
}

// Overlap is a mean similarity for each side; nil where no question was written.
type Overlap struct {
	Baseline  *float64 `json:"baseline"`
	Optimized *float64 `json:"optimized"`
}

// Side is one of the two programs compared.
type Side struct {
	Name    string   `json:"name"` // "unoptimised", "optimized_pipeline.json"
	Hash    string   `json:"hash,omitempty"`
	Model   string   `json:"model,omitempty"` // when it differs from Data.TaskModel
	Prompts []Prompt `json:"prompts,omitempty"`
	Price   *Price   `json:"price,omitempty"`
}

// Price is what one question took on average, over the Questions that were asked
// and not answered from the cache. P50S is the median of seconds, with the other
// questions under way.
type Price struct {
	Questions int      `json:"questions"`
	Tokens    float64  `json:"tokens"`
	USD       *float64 `json:"usd"`
	P50S      float64  `json:"p50_s"`
}

// Prompt is one predictor's messages and demonstrations.
type Prompt struct {
	Name     string            `json:"name"` // analyzer, generator
	Messages []program.Message `json:"messages"`
	Demos    []Demo            `json:"demos,omitempty"`
}

// Demo is one demonstration: its fields in order.
type Demo struct {
	Augmented bool    `json:"augmented"` // made by the teacher, not by a person
	Fields    []Field `json:"fields"`
}

// Field is a named text.
type Field struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Row is one example with both outputs.
type Row struct {
	ChunkID            any    `json:"chunk_id,omitempty"`
	ChunkText          string `json:"chunk_text"`
	PersonaDescription string `json:"persona_description"`
	GoldQuestion       string `json:"gold_question"`
	Baseline           Output `json:"baseline"`
	Optimized          Output `json:"optimized"`
}

// Output is one program's question and what the judge said of it.
type Output struct {
	Query       *string  `json:"query"` // nil: the call failed
	QueryType   string   `json:"query_type,omitempty"`
	QueryFormat string   `json:"query_format,omitempty"`
	Score       *float64 `json:"score"` // 1–5; nil: not scored, see Error
	Success     bool     `json:"success"`
	Reason      string   `json:"reason,omitempty"`
	Error       string   `json:"error,omitempty"`
}

// Repeat is what somebody needs to do this run again.
type Repeat struct {
	Command string  `json:"command,omitempty"`
	Facts   []Field `json:"facts,omitempty"` // seeds, hashes, files, versions
}
