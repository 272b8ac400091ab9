package dispatcher

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hashicorp/go-hclog"

	"qgen-sidecar/dispatcher/schedule"
)

// Endpoint is one OpenAI-compatible API with one key. Zero limits mean
// "unknown": they are learned from replies.
type Endpoint struct {
	Name                        string
	BaseURL                     string // ends before /chat/completions, e.g. https://api.openai.com/v1
	APIKey                      string // the secret itself; never logged, stored or shown
	APIKeyEnv                   string // where it came from, for messages ("OPENAI_API_KEY is not set")
	RPM, TPM                    int
	MaxInFlight                 int               // 0: 32
	Timeout                     time.Duration     // of one attempt; 0: 60 s
	Models                      map[string]string // our name -> this endpoint's name
	Headers                     map[string]string // secrets too
	HeadersEnv                  map[string]string // header -> variable it came from, for errors
	USDPerMTokIn, USDPerMTokOut *float64          // nil: unknown
}

// Config is what New needs.
type Config struct {
	Endpoints  []Endpoint
	Host       Endpoint // limits and prices of the host's own function; see SetHost
	CachePath  string   // folder; "" turns the reply cache off
	CacheMaxMB int      // 0: 1024
	Hedge      bool
	Listen     string          // loopback address of the OpenAI-compatible door; "": none
	Roles      map[string]Role // more names of models, for the door
	Logger     hclog.Logger
}

// Role is what the door understands by a role's name in the place of a model's.
// Its settings hold where a request has none of its own.
type Role struct {
	Model       string
	Endpoints   []string // empty: all
	MaxTokens   int      // 0: not sent
	Temperature *float64 // nil: not sent
}

// Message is one chat message.
type Message struct {
	Role    string `json:"role" doc:"system, user or assistant"`
	Content string `json:"content" doc:"the text"`
}

// Head is the beginning of many requests, such as a system message and
// demonstrations, as JSON: written once, and not again for every call. It changes
// nothing of what is sent.
type Head struct {
	count int
	json  []byte // the messages, without the list's brackets
}

// NewHead writes the messages that requests begin with.
func NewHead(messages []Message) *Head {
	raw, err := json.Marshal(messages)
	if err != nil || len(messages) == 0 { // strings always marshal
		return &Head{}
	}
	return &Head{count: len(messages), json: raw[1 : len(raw)-1]}
}

// Priority orders waiting calls; a lower class never starves for ever.
type Priority = schedule.Priority

const (
	Interactive = schedule.Interactive // a host's generate, choose-persona, lm-complete
	Suggesting  = schedule.Suggesting  // annotate-suggest
	Batch       = schedule.Batch       // compile, evaluate, generate-all
)

// Request is one chat completion. The key of its reply in the cache is the endpoint's
// address, the JSON that is sent and Rollout.
type Request struct {
	Role           string // "task", "teacher", "judge": for hosts and logs
	Model          string
	Endpoints      []string // names that may serve it; empty: all
	Messages       []Message
	Head           *Head           // NewHead of the first of Messages; nil: none made
	MaxTokens      int             // 0: not sent
	Temperature    *float64        // nil: not sent
	ResponseFormat json.RawMessage // OpenAI's response_format object; nil: none
	Rollout        int             // another draw of the same prompt: never sent, salts the cache
	Fresh          bool            // ask although cached; the new reply replaces the cached one
	Priority       Priority
	Job            string // calls of one job share its turn fairly
	Trace          string // echoed in logs and host callbacks

	extra map[string]json.RawMessage // more fields of the body, from the door
}

// Reply is a usable answer: Text is not empty unless FinishReason says why.
type Reply struct {
	Text         string
	Endpoint     string
	Model        string // as the endpoint named it
	FinishReason string
	Usage        Usage // of this call alone
	Cached       bool
}

// Usage counts what a call tree sent and what it cost. Calls are requests that
// an endpoint took, answered or not; refusals (429, a wrong key, a malformed
// request) and connections that never came about are none. USD is nil when any
// of them had no known price, and 0 when there was none.
type Usage struct {
	Calls            int      `json:"calls" doc:"requests sent to models, retries too"`
	Cached           int      `json:"cached" doc:"answers that came from the cache"`
	PromptTokens     int      `json:"prompt_tokens" doc:"prompt tokens of these requests"`
	CompletionTokens int      `json:"completion_tokens" doc:"completion tokens of these requests"`
	USD              *float64 `json:"usd" doc:"US dollars; null: a price is not configured"`
}

// Plus is both together; a price that is not known on one side is not known.
func (u Usage) Plus(v Usage) Usage {
	sum := Usage{Calls: u.Calls + v.Calls, Cached: u.Cached + v.Cached,
		PromptTokens: u.PromptTokens + v.PromptTokens, CompletionTokens: u.CompletionTokens + v.CompletionTokens}
	if u.USD != nil && v.USD != nil {
		usd := *u.USD + *v.USD
		sum.USD = &usd
	}
	return sum
}

// Budget bounds a call tree; zero fields do not bound.
type Budget struct {
	MaxCalls  int     `json:"max_calls,omitempty" doc:"model calls; 0 or absent: no limit"`
	MaxTokens int     `json:"max_tokens,omitempty" doc:"tokens of prompts and completions; 0 or absent: no limit"`
	MaxUSD    float64 `json:"max_usd,omitempty" doc:"US dollars; 0 or absent: no limit"`
}

// EmbedRequest asks for one vector per text, in order.
type EmbedRequest struct {
	Model     string
	Endpoints []string
	Texts     []string
	Fresh     bool
	Priority  Priority
	Job       string
	Trace     string
}

// EmbedReply holds the vectors in the order of the texts.
type EmbedReply struct {
	Vectors [][]float32
	Usage   Usage
}

// HostName is the endpoint that stands for the host's own LLM function.
const HostName = "host"

// HostComplete is the host's own LLM function, served as the endpoint "host".
type HostComplete func(ctx context.Context, req Request, callID string) (HostReply, error)

// HostReply is what the host's function answers. RetryAfter > 0 means "rate
// limited, come back then"; it is not a failure.
type HostReply struct {
	Text             string
	FinishReason     string
	PromptTokens     int
	CompletionTokens int
	RetryAfter       time.Duration
}

// EndpointStatus is one endpoint's line in `status`.
type EndpointStatus = schedule.EndpointStatus

// Waiting is what one job has in the queue.
type Waiting = schedule.Waiting

// Door is the OpenAI-compatible listener's address and key.
type Door struct {
	BaseURL string `json:"base_url" doc:"base URL for OpenAI's clients"`
	APIKey  string `json:"api_key" doc:"key that they need"`
}
