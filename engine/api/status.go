package api

import (
	"encoding/json"

	"qgen-sidecar/dispatcher"
)

// StatusResult is what the sidecar holds and does.
type StatusResult struct {
	UptimeS   float64                     `json:"uptime_s"`
	Store     *StoreInfo                  `json:"store"`
	Endpoints []dispatcher.EndpointStatus `json:"endpoints"`
	Jobs      []Job                       `json:"jobs" doc:"the long calls in flight"`
	Queue     []dispatcher.Waiting        `json:"queue,omitempty" doc:"the model calls that wait, by job; absent when none does"`
}

// Job is a long call in flight.
type Job struct {
	ID     json.RawMessage `json:"id" doc:"as the caller sent it"`
	Method string          `json:"method"`
	Done   int             `json:"done"`
	Total  int             `json:"total"`
}
