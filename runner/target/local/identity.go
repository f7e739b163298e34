package local

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// identity is what the server answers about itself at /labctl/identity.
type identity struct {
	Instance    string       `json:"instance"`
	PID         int          `json:"pid"`
	Moto        string       `json:"moto"`
	Python      string       `json:"python"`
	Corrections []Correction `json:"corrections"`
}

// answerLimit bounds every question to the server: it is on the same machine and
// answers in milliseconds, even while it works on other calls.
const answerLimit = 2 * time.Second

// askIdentity asks who listens at the endpoint. The error of a server that is no
// labctl server says so; a refused connection is the error of the dialler.
func askIdentity(ctx context.Context, endpoint string) (identity, error) {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint+"/labctl/identity", nil)
	if err != nil {
		return identity{}, err
	}
	// A transport of its own: no proxy, no connection kept to a server that may be gone.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return identity{}, err
	}
	defer resp.Body.Close()
	var id identity
	err = json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&id)
	if resp.StatusCode != http.StatusOK || err != nil || id.Instance == "" {
		return identity{}, fmt.Errorf("%s is answered by something other than labctl's local AWS", endpoint)
	}
	return id, nil
}
