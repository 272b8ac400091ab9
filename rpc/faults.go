package rpc

import (
	"reflect"

	"github.com/sourcegraph/jsonrpc2"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/qdrantlock"
	"qgen-sidecar/rpc/reference"
)

// faults says what each code means, for docs/reference.md, rpc.discover and the Python
// client, whose exceptions have these names.
var faults = []reference.Fault{
	{Code: jsonrpc2.CodeParseError, Name: "ParseError", Meaning: "no JSON, no UTF-8, or nested deeper than 1,000; the stream goes on"},
	{Code: jsonrpc2.CodeInvalidRequest, Name: "InvalidRequest", Meaning: "no valid request: a bad id, an id in flight already, a message over 64 MiB, an empty batch, a second initialize, anything after shutdown"},
	{Code: jsonrpc2.CodeMethodNotFound, Name: "MethodNotFound", Meaning: "unknown method"},
	{Code: jsonrpc2.CodeInvalidParams, Name: "InvalidParams", Meaning: "a parameter or a config key is wrong"},
	{Code: jsonrpc2.CodeInternalError, Name: "InternalError", Meaning: "a fault of the sidecar; the text says what"},
	{Code: CodeOverloaded, Name: "Overloaded", Meaning: "too many calls in flight; retry"},
	{Code: CodeNotInitialized, Name: "NotInitialized", Meaning: "initialize comes first"},
	{Code: CodeCancelled, Name: "Cancelled", Meaning: "cancelled, or given up after `timeout_s`: only then with data"},
	{Code: CodeLocked, Name: "StoreLocked", Meaning: "the store folder is locked by another process"},
	{Code: CodeStore, Name: "StoreUnavailable", Meaning: "the store cannot be used"},
	{Code: CodeNoEndpoint, Name: "NoEndpoint", Meaning: "no endpoint could answer"},
	{Code: CodeFile, Name: "BadFile", Meaning: "a file is unusable"},
	{Code: CodeReply, Name: "BadReply", Meaning: "the model's reply could not be used after retries"},
	{Code: CodeBudget, Name: "BudgetSpent", Meaning: "budget spent"},
	{Code: CodeCallback, Name: "CallbackFailed", Meaning: "the host's callback failed or is not offered"},
}

// Faults are the codes with the data that each may carry.
func Faults() []reference.Fault {
	out := make([]reference.Fault, len(faults))
	for i, f := range faults {
		for _, c := range causes {
			if c.code == f.Code {
				f.Data = append(f.Data, c.shape)
			}
		}
		if f.Code == jsonrpc2.CodeInvalidParams { // made by checkVersion, before there are parameters
			f.Data = append(f.Data, reflect.TypeFor[VersionData]())
		}
		out[i] = f
	}
	return out
}

// cause leads from one type of error to its code and data.
type cause struct {
	code  int64
	shape reflect.Type
	data  func(error) (any, bool)
}

func when[E error, D any](code int64, data func(E) D) cause {
	return cause{code, reflect.TypeFor[D](), func(err error) (any, bool) {
		e, ok := as[E](err)
		if !ok {
			return nil, false
		}
		return data(e), true
	}}
}

// causes is the one table from typed errors to codes and data. The first that an error
// is, or wraps, counts.
var causes = []cause{
	when(jsonrpc2.CodeInvalidParams, func(e *api.ParamError) ParamData { return ParamData{e.Expected, e.Found, e.Param} }),
	when(jsonrpc2.CodeInvalidParams, func(e *config.Error) ConfigData {
		return ConfigData{e.Key, e.Line, "config", e.Path, e.Reason}
	}),
	when(CodeFile, func(e *api.FileError) FileData { return FileData{e.Line, e.Path, e.Why()} }),
	when(CodeLocked, func(e *qdrantlock.LockedError) LockedData { return LockedData{e.HolderPID, e.Path} }),
	when(CodeStore, func(e *qdrantlock.StoreError) StoreData {
		return StoreData{e.Collection, e.Path, e.Reason, e.URL}
	}),
	when(CodeBudget, func(e *api.BudgetError) BudgetData { return BudgetData{e.Budget, e.PartialOutput, e.Usage} }),
	// Before the callback: when the host's own LLM function failed, but is one
	// endpoint among others, it is the endpoints that could not answer.
	when(CodeNoEndpoint, func(e *dispatcher.NoEndpointError) EndpointsData { return EndpointsData{nonNil(e.Endpoints)} }),
	when(CodeCallback, func(e *api.CallbackError) CallbackData { return CallbackData{e.Callback, e.Reason} }),
	when(CodeReply, func(e *api.ReplyError) ReplyData { return ReplyData{e.Why(), e.Reply, e.Role} }),
	when(CodeCancelled, func(*api.TimeoutError) TimeoutData { return TimeoutData{"timeout"} }),
}

// The data of errors.
type (
	ParamData struct {
		Expected string `json:"expected" doc:"what was expected"`
		Found    string `json:"found" doc:"what was found"`
		Param    string `json:"param" doc:"name of the parameter, with its place: optimizer.name"`
	}
	ConfigData struct {
		Key    string `json:"key,omitempty" doc:"the key: store.path"`
		Line   int    `json:"line,omitempty" doc:"line of the file, from 1"`
		Param  string `json:"param" doc:"config"`
		Path   string `json:"path,omitempty" doc:"the file; absent: the config came as JSON"`
		Reason string `json:"reason,omitempty" doc:"what is wrong"`
	}
	VersionData struct {
		Param     string   `json:"param" doc:"protocol_version"`
		Supported []string `json:"supported" doc:"the versions that are spoken"`
	}
	TimeoutData struct {
		Reason string `json:"reason" doc:"timeout"`
	}
	LockedData struct {
		HolderPID int    `json:"holder_pid,omitempty" doc:"process that holds the lock; absent: not known"`
		Path      string `json:"path,omitempty" doc:"the folder"`
	}
	StoreData struct {
		Collection string `json:"collection,omitempty" doc:"the collection, where it is about one"`
		Path       string `json:"path,omitempty" doc:"the folder"`
		Reason     string `json:"reason,omitempty" doc:"why it cannot be used"`
		URL        string `json:"url,omitempty" doc:"the server"`
	}
	EndpointsData struct {
		Endpoints []dispatcher.EndpointFailure `json:"endpoints" doc:"each endpoint that was or could have been asked; none: none is configured"`
	}
	FileData struct {
		Line   int    `json:"line,omitempty" doc:"line of the file, from 1; absent: not about one line"`
		Path   string `json:"path,omitempty" doc:"the file"`
		Reason string `json:"reason,omitempty" doc:"what is wrong"`
	}
	ReplyData struct {
		Reason string `json:"reason" doc:"why it cannot be used"`
		Reply  string `json:"reply" doc:"the last reply"`
		Role   string `json:"role" doc:"role of the model"`
	}
	BudgetData struct {
		Budget        dispatcher.Budget `json:"budget" doc:"the limits"`
		PartialOutput string            `json:"partial_output,omitempty" doc:"path of what was saved; absent: nothing was"`
		Usage         api.Usage         `json:"usage" doc:"what was spent"`
	}
	CallbackData struct {
		Callback string `json:"callback" doc:"name of the call to the host"`
		Reason   string `json:"reason" doc:"what failed"`
	}
)
