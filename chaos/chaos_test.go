package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/labs"
)

// TestAShortPartOfTheChaos is what CI runs of `make chaos`.
func TestAShortPartOfTheChaos(t *testing.T) {
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("provisions with Terraform on the local AWS, and looks for processes as Linux shows them")
	}
	binary := filepath.Join(t.TempDir(), "labctl")
	output, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "labctl/cmd/labctl").CombinedOutput()
	require.NoError(t, err, string(output))
	var out bytes.Buffer
	total, err := torment(t.Context(), &out, options{labctl: binary, labs: []string{"iam"}, rounds: 1, seed: 7, logs: t.TempDir()})
	t.Log(out.String())
	require.NoError(t, err)
	assert.False(t, total.wrong())
	assert.Positive(t, total.kills+total.storms, "something was disturbed")
}

func TestAProxyDoesToRequestsWhatTheWeatherSays(t *testing.T) {
	seen := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen++
		fmt.Fprint(w, r.Host)
	}))
	t.Cleanup(server.Close)
	to, err := url.Parse(server.URL)
	require.NoError(t, err)
	p, err := newProxy(t.Context(), to, rand.New(rand.NewPCG(1, 1))) //nolint:gosec // chance that can be repeated
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, p.close()) })

	ask := func(target string) (status int, body string, err error) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, fmt.Sprintf("http://127.0.0.1:%d/", p.port()), http.NoBody)
		require.NoError(t, err)
		request.Host = "123456789012.s3-control.example"
		if target != "" {
			request.Header.Set("X-Amz-Target", target)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return 0, "", err
		}
		defer func() { assert.NoError(t, response.Body.Close()) }()
		read, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response.StatusCode, string(read), nil
	}

	status, body, err := ask("")
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, "123456789012.s3-control.example", body, "the host name is part of the request")

	p.set(weather{throttle: 1})
	status, body, err = ask("DynamoDB_20120810.ListTables")
	require.NoError(t, err)
	assert.Equal(t, http.StatusBadRequest, status)
	assert.Contains(t, body, "ThrottlingException")
	_, body, err = ask("")
	require.NoError(t, err)
	assert.Contains(t, body, "<Code>Throttling</Code>")
	p.set(weather{broken: 1})
	status, _, err = ask("")
	require.NoError(t, err)
	assert.Equal(t, http.StatusServiceUnavailable, status)
	p.set(weather{resetOut: 1})
	_, _, err = ask("")
	require.Error(t, err)
	assert.Equal(t, 1, seen, "the server saw the first request only")

	p.set(weather{resetIn: 1})
	_, _, err = ask("")
	require.Error(t, err)
	assert.Equal(t, 2, seen, "the server has done what was asked")

	p.set(weather{delay: 1, slow: 50 * time.Millisecond})
	status, _, err = ask("")
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, map[string]int{"throttled": 2, "broken": 1, "reset before": 1, "reset after": 1, "delayed": 1}, p.done)
}

// aRound is one on a labctl that is a script.
func aRound(t *testing.T, script string) *round {
	t.Helper()
	labctl := filepath.Join(t.TempDir(), "labctl")
	require.NoError(t, os.WriteFile(labctl, []byte("#!/bin/sh\n"+script+"\n"), 0o700)) //nolint:gosec // a script to run
	rng := rand.New(rand.NewPCG(1, 1))                                                 //nolint:gosec // chance that can be repeated
	p, err := newProxy(t.Context(), &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, rng)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, p.close()) })
	return &round{
		machine: &machine{labctl: labctl, home: t.TempDir(), rng: rng, proxy: p, patience: 500 * time.Millisecond},
		out:     io.Discard, lab: labs.Lab{ID: "demo"}, total: &tally{}, name: "demo",
	}
}

func TestAWrongVerdictIsCountedAndAnUndecidedOneIsNot(t *testing.T) {
	for _, c := range []struct {
		code, truth int
		wrong       bool
	}{
		{code: 0, truth: passed}, {code: 1, truth: passed, wrong: true}, {code: 3, truth: passed}, {code: 130, truth: passed},
		{code: 0, truth: failed, wrong: true}, {code: 1, truth: failed}, {code: 3, truth: failed},
	} {
		r := aRound(t, fmt.Sprintf("exit %d", c.code))
		r.judged(t.Context(), c.truth)
		assert.Equal(t, c.wrong, len(r.total.verdicts) == 1, "%+v", c)
		assert.Equal(t, c.wrong, r.total.wrong())
	}
}

func TestWhatHangsAndWhatDoesNotDoItsWorkIsCounted(t *testing.T) {
	r := aRound(t, "exec sleep 20")
	e := r.fairly(t.Context(), []int{passed}, "down")
	assert.True(t, e.hung)
	assert.Len(t, r.total.hung, 1)
	assert.Empty(t, r.total.others, "it is counted once")

	r = aRound(t, "exit 3")
	r.fairly(t.Context(), []int{passed}, "down")
	assert.Len(t, r.total.others, 1)
	r.fairly(t.Context(), []int{passed, undecided}, "break")
	assert.Len(t, r.total.others, 1)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r.fairly(ctx, []int{passed}, "down")
	assert.Len(t, r.total.others, 1, "what the user cuts short says nothing")
}

func TestADisturbedCommandIsKilled(t *testing.T) {
	r := aRound(t, "exec sleep 2") // in bad weather, and where the other signals are ignored, it goes on to its end
	r.patience = time.Minute
	for range 20 {
		began := time.Now()
		r.disturbed(t.Context(), "check")
		if strings.Contains(r.log.String(), "SIGKILL to labctl") {
			assert.Positive(t, r.total.kills)
			assert.Less(t, time.Since(began), time.Second)
			return
		}
	}
	t.Error("twenty commands, and none was killed")
}

func TestWhatIsLeftIsWhatWasNotThereBefore(t *testing.T) {
	assert.Equal(t, []string{"b"}, left([]string{"a", "c"}, []string{"a", "b"}))
	assert.Empty(t, left([]string{"a", "b"}, []string{"a"}))
}
