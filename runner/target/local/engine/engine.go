// Package engine lends the checks' engines to the Python side of the local AWS: filter patterns of CloudWatch Logs, metric math,
// and rules of composite alarms. What a call to the local AWS answers is then what a check says about it.
//
// It is a server on the loopback interface, whose URL has a random token in it, and it answers three questions, each a POST of
// JSON: /match, /query and /rule. An answer says in "problem" what AWS would refuse, and in "undecided" what the engine does not
// model. It holds no state: what it judges is in the question. The control loops are not here.
package engine

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"labctl/checks/alarm"
	"labctl/checks/logpattern"
)

// Variable is the name under which the Python side finds the URL in its environment.
const Variable = "LABCTL_ENGINE"

// Server is a running engine.
type Server struct {
	URL  string
	http *http.Server
}

// Serve starts an engine. Its owner closes it.
func Serve() (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it returns at once
	if err != nil {
		return nil, fmt.Errorf("starting the engine of the local AWS: %w", err)
	}
	path := "/" + rand.Text()
	mux := http.NewServeMux()
	mux.Handle("POST "+path+"/match", answering(match))
	mux.Handle("POST "+path+"/query", answering(query))
	mux.Handle("POST "+path+"/rule", answering(rule))
	s := &Server{URL: "http://" + listener.Addr().String() + path, http: &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}}
	go func() { _ = s.http.Serve(listener) }() // it ends with Close
	return s, nil
}

// Close ends the server.
func (s *Server) Close() error { return s.http.Close() }

// answering reads a question and writes its answer.
func answering[Q, A any](answer func(Q) A) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var question Q
		if err := json.NewDecoder(r.Body).Decode(&question); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer(question)) // who asked is gone
	})
}

// refusal is in each answer; at most one of its fields is set.
type refusal struct {
	Problem   string `json:"problem,omitempty"`
	Undecided string `json:"undecided,omitempty"`
}

// refuse sorts an error of an engine.
func refuse(err error) refusal {
	var pattern *logpattern.InconclusiveError
	var metric *alarm.InconclusiveError
	switch {
	case errors.As(err, &pattern):
		return refusal{Undecided: pattern.Problem}
	case errors.As(err, &metric):
		return refusal{Undecided: metric.Problem}
	default:
		return refusal{Problem: err.Error()}
	}
}
