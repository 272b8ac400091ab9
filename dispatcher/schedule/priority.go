package schedule

// Priority orders waiting calls; a lower class never starves for ever.
type Priority int

const (
	Interactive Priority = iota // a host's generate, choose-persona, lm-complete
	Suggesting                  // annotate-suggest
	Batch                       // compile, evaluate, generate-all
)

// weights share the endpoints among the classes when all of them wait.
var weights = [...]float64{Interactive: 16, Suggesting: 4, Batch: 1}

// priorityNames are the priorities as status calls them.
var priorityNames = [...]string{Interactive: "interactive", Suggesting: "suggesting", Batch: "batch"}
