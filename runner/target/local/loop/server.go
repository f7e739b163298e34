package loop

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Server is the local AWS as the loop reaches it: private endpoints below /labctl, which answer in milliseconds and in JSON, and
// nobody but who knows the instance.
type Server struct {
	endpoint, instance string
	client             *http.Client
}

// NewServer reaches the server at an endpoint, whose random name for this life is the instance.
func NewServer(endpoint, instance string) *Server {
	// A transport of its own: no proxy, and connections that end with it.
	return &Server{endpoint: endpoint, instance: instance, client: &http.Client{Transport: &http.Transport{}}}
}

// Close lets go of the connection to the server.
func (s *Server) Close() { s.client.CloseIdleConnections() }

// answerLimit bounds each call: the server may be at work on others.
const answerLimit = 10 * time.Second

// RefusedError says that a Source answered, and did not do what was asked.
type RefusedError struct{ Status, Text string }

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the local AWS answered %s: %s", e.Status, e.Text)
}

// Feed implements Source.
func (s *Server) Feed(ctx context.Context, cursor, revision int64) (Feed, error) {
	query := url.Values{"cursor": {strconv.FormatInt(cursor, 10)}, "revision": {strconv.FormatInt(revision, 10)}}
	var answer feedAnswer
	if err := s.call(ctx, http.MethodGet, "feed?"+query.Encode(), nil, &answer); err != nil {
		return Feed{}, fmt.Errorf("reading what happened: %w", err)
	}
	return answer.feed(), nil
}

// PutPoints implements Source.
func (s *Server) PutPoints(ctx context.Context, points []Point) error {
	var body struct {
		Points []wirePoint `json:"points"`
	}
	for _, p := range points {
		body.Points = append(body.Points, toWire(p))
	}
	if err := s.call(ctx, http.MethodPost, "points", body, nil); err != nil {
		return fmt.Errorf("storing data points: %w", err)
	}
	return nil
}

// PutTransitions implements Source.
func (s *Server) PutTransitions(ctx context.Context, transitions []Transition) ([]string, error) {
	var body struct {
		Transitions []wireTransition `json:"transitions"`
	}
	for _, t := range transitions {
		body.Transitions = append(body.Transitions, wireTransition{
			wirePlace: wirePlace(t.Place), Alarm: t.Alarm, State: t.To, Reason: t.Reason, At: t.At.UnixMilli(),
			Actions: append([]string{}, t.Actions...), Withheld: t.Withheld,
		})
	}
	var answer struct {
		Failed []struct{ Alarm, Action, Problem string } `json:"failed"`
	}
	if err := s.call(ctx, http.MethodPost, "states", body, &answer); err != nil {
		return nil, fmt.Errorf("storing states of alarms: %w", err)
	}
	var problems []string
	for _, f := range answer.Failed {
		problems = append(problems, fmt.Sprintf("alarm %s: %s was not notified: %s", f.Alarm, f.Action, f.Problem))
	}
	return problems, nil
}

// SetClock implements Source.
func (s *Server) SetClock(ctx context.Context, now time.Time, speed int) error {
	body := struct {
		Now   int64 `json:"now"`
		Speed int   `json:"speed"`
	}{now.UnixMilli(), speed}
	if err := s.call(ctx, http.MethodPost, "clock", body, nil); err != nil {
		return fmt.Errorf("setting the clock: %w", err)
	}
	return nil
}

// call makes one call. Body and answer may be nil.
func (s *Server) call(ctx context.Context, method, path string, body, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if body == nil {
		text = nil
	}
	request, err := http.NewRequestWithContext(ctx, method, s.endpoint+"/labctl/"+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Labctl-Instance", s.instance)
	request.Header.Set("Content-Type", "application/json")
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(response.Body, 1000)) // the status says enough
		return &RefusedError{Status: response.Status, Text: string(said)}
	}
	if answer == nil {
		_, err = io.Copy(io.Discard, response.Body)
		return err
	}
	return json.NewDecoder(response.Body).Decode(answer)
}
