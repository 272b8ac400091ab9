package upstream

// Config is how an endpoint is reached.
type Config struct {
	BaseURL     string
	APIKey      string
	Headers     map[string]string // secrets too
	MaxInFlight int               // so many connections are kept
}

// Model is a model by our name and by the endpoint's.
type Model struct{ Ours, Theirs string }
