package api

import (
	"encoding/json"

	"qgen-sidecar/dispatcher"
)

// StatusResult is what the sidecar holds and does.
type StatusResult struct {
	UptimeS   float64                     `json:"uptime_s" doc:"seconds since the process started"`
	Store     *StoreInfo                  `json:"store" doc:"the store; null: none is configured, or it is not open yet"`
	Endpoints []dispatcher.EndpointStatus `json:"endpoints" doc:"each endpoint, as it stands"`
	Jobs      []Job                       `json:"jobs" doc:"the long calls in flight"`
	Queue     []dispatcher.Waiting        `json:"queue,omitempty" doc:"the model calls that wait, by job; absent when none does"`
}

// Job is a long call in flight.
type Job struct {
	ID     json.RawMessage `json:"id" shape:"id" doc:"id of the call, as the caller sent it"`
	Method string          `json:"method" doc:"name of the method"`
	Done   int             `json:"done" doc:"units of work that are done"`
	Total  int             `json:"total" doc:"units of work in all, as far as is known"`
}
