package annotate

import "context"

// Run annotates until the person quits, the target's chunks are used up or ctx ends.
func Run(ctx context.Context, o Options) error { return nil }
