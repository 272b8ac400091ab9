package quality

func Standalone(question string) []string         { return nil }
func Leak(question, chunk string) float64         { return 0 }
func LongestCopiedRun(question, chunk string) int { return 0 }
func Similarity(a, b string) float64              { return 0 }
func NearDuplicate(a, b string) bool              { return false }
func Duplicates(questions []string) []Duplicate   { return nil }
func Language(text string) string                 { return "und" }
func Diversity(questions []string) map[string]any { return nil }

// LeakThreshold, DuplicateThreshold: at or above is flagged.
const (
	LeakThreshold      = 0.5
	DuplicateThreshold = 0.9
)

// Duplicate says that questions[Index] nearly repeats the earlier questions[Of].
type Duplicate struct {
	Index, Of  int
	Similarity float64
}
