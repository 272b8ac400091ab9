package config

import "path/filepath"

// Defaults as docs/config.md lists them. Paths are filled in relative to base: the file's
// folder, or the working directory when there is no file.
func fillDefaults(c *Config, base string) {
	if c.Store != nil {
		storeDefaults(c.Store)
	}
	for i := range c.Endpoints {
		e := &c.Endpoints[i]
		setDefault(&e.MaxInFlight, 32)
		setDefault(&e.TimeoutS, 60)
	}
	roleDefaults(&c.LM)
	c.Personas.PathGiven = c.Personas.Path != ""
	c.Personas.CollectionGiven = c.Personas.Collection != ""
	setDefault(&c.Personas.Path, filepath.Join(base, "personas.json"))
	setDefault(&c.Personas.Collection, "characters")
	setDefault(&c.Personas.NameField, "name")
	setDefault(&c.Personas.DescriptionField, "description")
	setDefault(&c.Quality.RoundTripK, 10)
	setDefault(&c.Quality.LeakOverlap, 0.5)
	setDefault(&c.Quality.DuplicateCosine, 0.95)
	setDefault(&c.Quality.TwinCosine, 0.95)
	setDefault(&c.Annotate.Target, 100)
	setDefault(&c.Annotate.Suggestions, 4)
	setDefault(&c.Files.RawChunks, filepath.Join(base, "raw_chunks.jsonl"))
	setDefault(&c.Files.Gold, filepath.Join(base, "gold_dataset.json"))
	setDefault(&c.Files.Program, filepath.Join(base, "optimized_pipeline.json"))
	setDefault(&c.Cache.MaxMB, 1024)
	setDefault(&c.Limits.HostCallbackS, 60)
}

func storeDefaults(s *Store) {
	setDefault(&s.Collection, "chunks")
	setDefault(&s.TextField, "text")
	setDefault(&s.Lock, "now")
	setDefault(&s.Questions.Collection, "questions")
	setDefault(&s.Questions.QueryField, "question")
	setDefault(&s.Questions.ChunkIDField, "chunk_id")
	setDefault(&s.Questions.ID, "uuid5")
}

// roleDefaults: the judge is asked coldly, the others with some freedom; a
// teacher writes longer replies. Absent sections stay absent (see roles.go).
func roleDefaults(lm *LM) {
	fill := func(r *Role, temperature float64, maxTokens int) {
		if r == nil {
			return
		}
		if r.Temperature == nil {
			r.Temperature = &temperature
		}
		setDefault(&r.MaxTokens, maxTokens)
		setDefault(&r.Layout, "auto")
	}
	fill(lm.Task, 0.7, 1000)
	fill(lm.Teacher, 0.7, 4000)
	fill(lm.Judge, 0, 1000)
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
