package emit

import (
	"encoding/json"
	"net/http"
	"time"
)

// segment is a segment document.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
type segment struct {
	Name        string            `json:"name"`
	ID          string            `json:"id"`
	TraceID     string            `json:"trace_id,omitempty"` // of a subsegment: its segment's
	ParentID    string            `json:"parent_id,omitempty"`
	Namespace   string            `json:"namespace,omitempty"`
	StartTime   float64           `json:"start_time"`
	EndTime     float64           `json:"end_time"`
	Fault       bool              `json:"fault,omitempty"`
	Error       bool              `json:"error,omitempty"`
	HTTP        *exchange         `json:"http,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Subsegments []segment         `json:"subsegments,omitempty"`
}

type exchange struct {
	Request  asked  `json:"request"`
	Response answer `json:"response"`
}

type asked struct {
	Method string `json:"method"`
	URL    string `json:"url"`
}

type answer struct {
	Status int `json:"status"`
}

func seconds(at time.Time) float64 { return float64(at.UnixMicro()) / 1e6 }

// segments are what both services send of a request that was answered at a moment: the service behind is the child of the call
// that the API made.
func (r Request) segments(s Services, at time.Time) []string {
	began := at.Add(-r.Latency)
	api := segment{
		Name: s.API, ID: r.hops[0], TraceID: r.TraceID(at), StartTime: seconds(began), EndTime: seconds(at), Fault: r.Failed(), Error: r.Status/100 == 4,
		HTTP:        &exchange{asked{r.Method, "https://api.example.com" + r.Path}, answer{r.Status}},
		Annotations: map[string]string{"route": r.Route, "request_id": r.RequestID},
	}
	if r.behind == 0 || s.Payments == "" {
		return []string{document(api)}
	}
	called := began.Add((r.Latency - r.behind) / 2)
	behind := segment{
		ID: r.hops[1], Name: s.Payments, Namespace: "remote", StartTime: seconds(called), EndTime: seconds(called.Add(r.behind)), Fault: r.behindFailed,
		HTTP: &exchange{asked{http.MethodPost, "https://payments.internal/charge"}, answer{http.StatusOK}},
	}
	if r.behindFailed {
		behind.HTTP.Response.Status = http.StatusBadGateway
	}
	api.Subsegments = []segment{behind}
	child := behind
	child.ID, child.ParentID, child.TraceID, child.Namespace = r.hops[2], r.hops[1], api.TraceID, ""
	return []string{document(api), document(child)}
}

func document(s segment) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // strings, booleans and numbers only
	}
	return string(text)
}
