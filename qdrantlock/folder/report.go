package folder

// Report is what Check found.
type Report struct {
	Path        string             `json:"path"`
	OK          bool               `json:"ok"`
	Locked      bool               `json:"locked"`               // another process holds the folder
	HolderPID   int                `json:"holder_pid,omitempty"` // of that process; 0: not known
	Collections []CollectionReport `json:"collections"`
	Leftover    []string           `json:"leftover_dirs"` // directories that meta.json does not name
	Problems    []string           `json:"problems"`      // everything wrong, as sentences
}

// CollectionReport is one collection's part of a Report.
type CollectionReport struct {
	Name       string   `json:"name"`
	Rows       int      `json:"rows"`
	Points     int      `json:"points"`     // readable, duplicates counted once
	Duplicates int      `json:"duplicates"` // older rows of a point that has a newer one
	BadRows    []BadRow `json:"bad_rows"`
	Integrity  string   `json:"integrity"` // "ok", or what SQLite says
	Error      string   `json:"error,omitempty"`
}

// StatsReport is what a folder holds and takes. Bytes are file sizes.
type StatsReport struct {
	Path        string            `json:"path"`
	Bytes       int64             `json:"bytes"`
	FreeBytes   int64             `json:"free_bytes"` // what compacting would give back, about
	Points      int               `json:"points"`
	Collections []CollectionStats `json:"collections"`
	Aliases     map[string]string `json:"aliases"`
}

// CollectionStats is one collection's part of a StatsReport.
type CollectionStats struct {
	Name      string `json:"name"`
	Points    int    `json:"points"`
	Rows      int    `json:"rows"`
	Bytes     int64  `json:"bytes"`
	FreeBytes int64  `json:"free_bytes"`
	Error     string `json:"error,omitempty"`
}

// CompactReport is what compacting gave back.
type CompactReport struct {
	Path        string              `json:"path"`
	BytesBefore int64               `json:"bytes_before"`
	BytesAfter  int64               `json:"bytes_after"`
	Collections []CollectionCompact `json:"collections"`
}

// CollectionCompact is one collection's part of a CompactReport.
type CollectionCompact struct {
	Name        string `json:"name"`
	BytesBefore int64  `json:"bytes_before"`
	BytesAfter  int64  `json:"bytes_after"`
	Error       string `json:"error,omitempty"`
}
