package report

// Write writes d as path (HTML), and beside it as .json and .md.
func Write(path string, d Data) error { return nil }

// Text is the report for a terminal, 80 columns, no colour.
func Text(d Data) string { return "" }
