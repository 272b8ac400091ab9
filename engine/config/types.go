package config

// Config is qgen.toml (docs/config.md), decoded, defaulted and checked; every path absolute.
type Config struct {
	Path       string     `toml:"-" json:"-"` // the file it came from; "" none
	Store      *Store     `toml:"store" json:"store,omitempty"`
	Endpoints  []Endpoint `toml:"endpoint" json:"endpoint"`
	LM         LM         `toml:"lm" json:"lm"`
	Program    Program    `toml:"program" json:"program" doc:"the optimised program"`
	Personas   Personas   `toml:"personas" json:"personas"`
	Dispatcher Dispatcher `toml:"dispatcher" json:"dispatcher"`
	Quality    Quality    `toml:"quality" json:"quality"`
	Annotate   Annotate   `toml:"annotate" json:"annotate"`
	Files      Files      `toml:"files" json:"files"`
	Cache      Cache      `toml:"cache" json:"cache"`
	Limits     Limits     `toml:"limits" json:"limits"`
}

// Store is where the chunks are: exactly one of Path and URL is set.
type Store struct {
	Path           string    `toml:"path" json:"path,omitempty"`
	URL            string    `toml:"url" json:"url,omitempty"`
	APIKeyEnv      string    `toml:"api_key_env" json:"api_key_env,omitempty"`
	Collection     string    `toml:"collection" json:"collection"`
	TextField      string    `toml:"text_field" json:"text_field"`
	ContextFields  []string  `toml:"context_fields" json:"context_fields,omitempty"`
	Lock           string    `toml:"lock" json:"lock"`
	Share          string    `toml:"share" json:"share,omitempty"`
	ShareAPIKeyEnv string    `toml:"share_api_key_env" json:"share_api_key_env,omitempty"`
	Questions      Questions `toml:"questions" json:"questions"`
}

// Questions says how generated questions are saved.
type Questions struct {
	Collection   string         `toml:"collection" json:"collection"`
	Vector       string         `toml:"vector" json:"vector"`
	QueryField   string         `toml:"query_field" json:"query_field"`
	ChunkIDField string         `toml:"chunk_id_field" json:"chunk_id_field"`
	CopyFields   []string       `toml:"copy_fields" json:"copy_fields,omitempty"`
	Payload      map[string]any `toml:"payload" json:"payload,omitempty"`
	ID           string         `toml:"id" json:"id"`
}

// Endpoint is one OpenAI-compatible API. Zero limits are unknown; TimeoutS is
// seconds of one attempt, prices are US dollars per million tokens.
type Endpoint struct {
	Name          string            `toml:"name" json:"name"`
	BaseURL       string            `toml:"base_url" json:"base_url"`
	APIKeyEnv     string            `toml:"api_key_env" json:"api_key_env,omitempty"`
	RPM           int               `toml:"rpm" json:"rpm,omitempty"`
	TPM           int               `toml:"tpm" json:"tpm,omitempty"`
	MaxInFlight   int               `toml:"max_in_flight" json:"max_in_flight,omitempty"`
	TimeoutS      float64           `toml:"timeout_s" json:"timeout_s,omitempty"`
	Models        map[string]string `toml:"models" json:"models,omitempty"`
	HeadersEnv    map[string]string `toml:"headers_env" json:"headers_env,omitempty"`
	USDPerMTokIn  *float64          `toml:"usd_per_mtok_in" json:"usd_per_mtok_in,omitempty"`
	USDPerMTokOut *float64          `toml:"usd_per_mtok_out" json:"usd_per_mtok_out,omitempty"`
}

// LM names the models of each role; see Role for what an absent one means.
type LM struct {
	Task    *Role  `toml:"task" json:"task,omitempty"`
	Teacher *Role  `toml:"teacher" json:"teacher,omitempty"` // nil: Task
	Judge   *Role  `toml:"judge" json:"judge,omitempty"`     // nil: Teacher
	Embed   *Embed `toml:"embed" json:"embed,omitempty"`
}

// Role is a model and how it is asked. Use Config.TaskRole and its siblings to
// read roles: they fill in what an absent or partial section inherits.
type Role struct {
	Model        string   `toml:"model" json:"model"`
	Endpoints    []string `toml:"endpoints" json:"endpoints,omitempty"`
	Temperature  *float64 `toml:"temperature" json:"temperature,omitempty"`
	MaxTokens    int      `toml:"max_tokens" json:"max_tokens,omitempty"`
	Layout       string   `toml:"layout" json:"layout,omitempty"`
	Instructions string   `toml:"instructions" json:"instructions,omitempty"` // judge only
}

// Embed is the embedding model.
type Embed struct {
	Model     string   `toml:"model" json:"model"`
	Endpoints []string `toml:"endpoints" json:"endpoints,omitempty"`
}

// Program shapes the unoptimised program; zero values are the plan's wording.
type Program struct {
	AnalyzerInstructions  string   `toml:"analyzer_instructions" json:"analyzer_instructions,omitempty"`
	GeneratorInstructions string   `toml:"generator_instructions" json:"generator_instructions,omitempty"`
	QueryTypes            []string `toml:"query_types" json:"query_types,omitempty"`
	QueryFormats          []string `toml:"query_formats" json:"query_formats,omitempty"`
}

// Personas says where persona descriptions come from.
type Personas struct {
	Source           string `toml:"source" json:"source"` // "": see docs/config.md
	Path             string `toml:"path" json:"path,omitempty"`
	Collection       string `toml:"collection" json:"collection,omitempty"`
	Vector           string `toml:"vector" json:"vector,omitempty"`
	NameField        string `toml:"name_field" json:"name_field,omitempty"`
	DescriptionField string `toml:"description_field" json:"description_field,omitempty"`
	PathGiven        bool   `toml:"-" json:"-"` // path is the user's own, not the default
	CollectionGiven  bool   `toml:"-" json:"-"` // the same of collection
}

// Dispatcher holds the loopback door's address, "" for none.
type Dispatcher struct {
	Listen string `toml:"listen" json:"listen,omitempty"`
}

// Quality: gates' thresholds, each documented with its source in docs/config.md.
type Quality struct {
	TypeMix         map[string]float64 `toml:"type_mix" json:"type_mix,omitempty"`
	RoundTripK      int                `toml:"round_trip_k" json:"round_trip_k,omitempty"`
	LeakOverlap     float64            `toml:"leak_overlap" json:"leak_overlap,omitempty"`
	DuplicateCosine float64            `toml:"duplicate_cosine" json:"duplicate_cosine,omitempty"`
	TwinCosine      float64            `toml:"twin_cosine" json:"twin_cosine,omitempty"`
}

// Annotate holds the annotation screen's goals.
type Annotate struct {
	Target      int `toml:"target" json:"target"`
	Suggestions int `toml:"suggestions" json:"suggestions"`
}

// Files are absolute paths.
type Files struct {
	RawChunks string `toml:"raw_chunks" json:"raw_chunks" doc:"sample of chunks to annotate"`
	Gold      string `toml:"gold" json:"gold" doc:"the gold set"`
	Program   string `toml:"program" json:"program" doc:"the optimised program"`
}

// Cache of paid replies; Path "" turns it off.
type Cache struct {
	Path  string `toml:"path" json:"path"`
	MaxMB int    `toml:"max_mb" json:"max_mb"`
}

// Limits on what the sidecar waits for and pays for.
type Limits struct {
	HostCallbackS float64 `toml:"host_callback_s" json:"host_callback_s"`
	Hedge         bool    `toml:"hedge" json:"hedge"`
}
