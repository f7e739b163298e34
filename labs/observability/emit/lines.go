package emit

import (
	"encoding/json"
	"fmt"
	"time"
)

// line is a line of the log. Fields are those of terraform/observability/main.tf.
type line struct {
	Time      string   `json:"time"`
	Level     string   `json:"level"`
	Service   string   `json:"service"`
	Event     string   `json:"event"`
	Message   string   `json:"message"`
	TraceID   string   `json:"trace_id,omitempty"`
	RequestID string   `json:"request_id,omitempty"`
	Method    string   `json:"method,omitempty"`
	Route     string   `json:"route,omitempty"`
	Status    int      `json:"status,omitempty"`
	LatencyMS *float64 `json:"latency_ms,omitempty"`
	UserID    string   `json:"user_id,omitempty"`
}

func (l line) text(at time.Time) string {
	l.Time = at.UTC().Format("2006-01-02T15:04:05.000Z07:00")
	text, err := json.Marshal(l)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return string(text)
}

func milliseconds(d time.Duration) *float64 {
	ms := float64(d.Microseconds()) / 1000
	return &ms
}

// TraceID is the id of the request's trace if it was answered at a moment: version, seconds since 1970 when it began, 96 bits.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids
func (r Request) TraceID(at time.Time) string {
	return fmt.Sprintf("1-%08x-%s", at.Add(-r.Latency).Unix(), r.traceID)
}

// level is that of a status.
func level(status int) string {
	switch {
	case status >= 500:
		return "ERROR"
	case status >= 400:
		return "WARN"
	default:
		return "INFO"
	}
}

// answered is the line of the API.
func (r Request) answered(service string, at time.Time) string {
	l := line{
		Level: level(r.Status), Service: service, Event: "request", Message: fmt.Sprintf("%s %s: %d", r.Method, r.Path, r.Status),
		TraceID: r.TraceID(at), RequestID: r.RequestID, Method: r.Method, Route: r.Route, Status: r.Status, LatencyMS: milliseconds(r.Latency), UserID: r.User,
	}
	return l.text(at)
}

// asked is the line of the service behind, a moment earlier.
func (r Request) asked(service string, at time.Time) string {
	l := line{
		Level: "INFO", Service: service, Event: "charge", Message: "asked the card network",
		TraceID: r.TraceID(at), RequestID: r.RequestID, LatencyMS: milliseconds(r.behind),
	}
	if r.behindFailed {
		l.Level, l.Message = "ERROR", "the card network refuses the connection"
	}
	return l.text(at.Add(-time.Millisecond))
}

// heartbeat is what the API says once a minute, whatever becomes of its requests.
func heartbeat(service string, at time.Time) string {
	return line{Level: "INFO", Service: service, Event: "heartbeat", Message: "still here"}.text(at)
}
