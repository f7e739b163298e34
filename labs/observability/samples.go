package observability

import (
	"encoding/json"
	"fmt"
)

// The lines of the API's log, in the schema at the top of terraform/observability/main.tf.

// fields are the members of a line.
type fields map[string]any

// lineOf is a line of the log: what every line has, and its own members.
func lineOf(own fields) string {
	all := fields{"time": "2026-03-02T12:00:00Z", "level": "INFO", "service": "api", "message": "-"}
	for name, value := range own {
		all[name] = value
	}
	text, err := json.Marshal(all)
	if err != nil {
		panic(err) // texts and numbers encode
	}
	return string(text)
}

// routes are those of the API, as its lines name them.
func routes() []string { return []string{"/payments", "/payments/{id}", "/refunds", "/status"} }

// request is the line of a request that has been answered.
func request(route string, status int, latency float64, own fields) string {
	level := "INFO"
	switch {
	case status >= 500:
		level = "ERROR"
	case status >= 400:
		level = "WARN"
	}
	all := fields{
		"event": "request", "level": level, "method": "POST", "route": route, "status": status, "latency_ms": latency,
		"trace_id": "1-69a57c40-5f84c7a94a1e2b3c4d5e6f70", "request_id": "7f0c", "user_id": "u-1", "message": fmt.Sprintf("POST %s %d", route, status),
	}
	for name, value := range own {
		all[name] = value
		if value == nil {
			delete(all, name)
		}
	}
	return lineOf(all)
}

func heartbeat() string {
	return lineOf(fields{"event": "heartbeat", "message": "alive"})
}

func maintenance() string {
	return lineOf(fields{"event": "maintenance", "message": "the database is moved"})
}

// sample is a line, and what it is called in a finding.
type sample struct{ what, line string }

// failures are requests that failed by the API's own fault: each has to be counted, once.
func failures() []sample {
	return []sample{
		{"a request that failed with 500", request("/payments", 500, 87, nil)},
		{"a request that failed with 502", request("/payments/{id}", 502, 30, nil)},
		{"a request that timed out (504)", request("/refunds", 504, 30000, fields{"message": "upstream timed out"})},
		{"a request that was refused for want of capacity (503, at once)", request("/payments", 503, 0, nil)},
		{"a failed request of nobody known", request("/payments", 500, 12, fields{"user_id": nil})},
		{"a failed request whose message says INFO", request("/payments", 500, 12, fields{"message": "INFO: gave up after 3 tries"})},
		{"a failed request whose message has quotes and braces", request("/status", 507, 12, fields{"message": `{"level":"INFO","status":200}`})},
		{"a failed request that was read, not written", request("/payments/{id}", 500, 9.5, fields{"method": "GET"})},
	}
}

// answers are requests that were answered well, or failed by the caller's fault: none of them is the API's failure.
func answers() []sample {
	return []sample{
		{"a request answered with 200", request("/payments", 200, 41, nil)},
		{"a request answered with 201", request("/payments", 201, 55.25, nil)},
		{"a request answered with 204", request("/refunds", 204, 8, nil)},
		{"a request answered with 304", request("/payments/{id}", 304, 3, fields{"method": "GET"})},
		{"a request for what does not exist (404)", request("/payments/{id}", 404, 5, nil)},
		{"a request that came too often (429)", request("/payments", 429, 1, nil)},
		{"a request of nobody known (401)", request("/payments", 401, 2, fields{"user_id": nil})},
		{"a slow request answered with 200", request("/payments", 200, 29500, nil)},
		{"a request answered with 200 whose message says ERROR", request("/payments", 200, 40, fields{"message": "ERROR 503 of the bank, second try succeeded"})},
		{"a request answered with 200 whose message looks like a failed one", request("/payments", 200, 40, fields{"message": `"level":"ERROR","status":500`})},
	}
}

// others are lines that are no requests. What they mean for visitors is told by the request that they belong to.
func others() []sample {
	return []sample{
		{"a heartbeat", heartbeat()},
		{"a line of maintenance", maintenance()},
		{"a job that failed (ERROR)", lineOf(fields{"event": "job", "level": "ERROR", "message": "the nightly report was not written"})},
		{"a retry that failed (ERROR, 503)", lineOf(fields{"event": "retry", "level": "ERROR", "status": 503, "message": "the bank answered 503", "trace_id": "1-69a57c40-0"})},
		{"a line for whoever looks for a mistake (DEBUG)", lineOf(fields{"event": "cache", "level": "DEBUG", "message": "ERROR would be logged here"})},
	}
}
