package rpc

import (
	"context"

	"qgen-sidecar/engine/api"
)

// handler does what a method's name stands for, with parameters as they were sent.
type handler func(s *session, c *call, svc Service, params []byte) (any, error)

// on is the handler of a Service method.
func on[P, R any](fn func(Service, context.Context, P) (R, error)) handler {
	return func(s *session, c *call, svc Service, params []byte) (any, error) {
		var p P
		if err := api.DecodeParams(params, &p); err != nil {
			return nil, err
		}
		ctx, err := s.withProgress(c, p)
		if err != nil {
			return nil, err
		}
		return fn(svc, ctx, p)
	}
}

// here is the handler of a method that the session answers itself.
func here[P, R any](fn func(*session, *call, P) (R, error)) handler {
	return func(s *session, c *call, _ Service, params []byte) (any, error) {
		var p P
		if err := api.DecodeParams(params, &p); err != nil {
			return nil, err
		}
		return fn(s, c, p)
	}
}

// handlers has one for each of api's methods, but for initialize and shutdown, which
// change the session's state.
var handlers = map[string]handler{
	"status":           here((*session).status),
	"rpc.discover":     here(discover),
	"lm-complete":      on(Service.LMComplete),
	"fetch":            on(Service.Fetch),
	"choose-persona":   on(Service.ChoosePersona),
	"annotate-suggest": on(Service.AnnotateSuggest),
	"gold-add":         on(Service.GoldAdd),
	"gold-sample":      on(Service.GoldSample),
	"prompts":          on(Service.Prompts),
	"compile":          on(Service.Compile),
	"evaluate":         on(Service.Evaluate),
	"compare":          on(Service.Compare),
	"generate":         on(Service.Generate),
	"save-question":    on(Service.SaveQuestion),
	"generate-all":     on(Service.GenerateAll),
	"export-batch":     on(Service.ExportBatch),
	"import-batch":     on(Service.ImportBatch),
	"check-questions":  on(Service.CheckQuestions),
}
