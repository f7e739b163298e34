package main

import (
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/runner/sweep"
	"labctl/runner/target/local"
)

// TestALabAtAnEndpoint lives on somebody else's local AWS, of which labctl knows nothing but what it finds out.
func TestALabAtAnEndpoint(t *testing.T) {
	if testing.Short() {
		t.Skip("provisions with Terraform on the local AWS")
	}
	t.Parallel()
	theirs := newMachine(t)
	mine := &machine{t: t, labctl: theirs.labctl, home: t.TempDir()}
	endpoint := *theirs.config.BaseEndpoint

	up, err := mine.command(t.Context(), "up", "iam", "--run", "there", "--target", "endpoint", "--endpoint", endpoint).CombinedOutput()
	require.NoError(t, err, string(up))
	assert.Contains(t, string(up), "Trying out what endpoint at "+endpoint+" can show")
	assert.Contains(t, string(up), " 0 fail, 0 error, 1 skip")
	assert.NotContains(t, string(up), "simulated", "what the server does is its own")

	// Later commands find it by the record, and go by what was found.
	check, err := mine.command(t.Context(), "check", "iam", "--output", "json").CombinedOutput()
	require.NoError(t, err, string(check))
	assert.NotContains(t, string(check), "Trying out")
	assert.Contains(t, string(check), "tried, and the server did otherwise: it does not implement the call")
	assert.Regexp(t, `(?m)^there +iam +endpoint .*ready`, mine.must("status"))

	assert.Regexp(t, `Run there is gone: \d+ resources removed, 0 left`, mine.must("down", "iam"))
	left, err := sweep.New(theirs.config).List(t.Context(), sweep.Scope{Every: true})
	require.NoError(t, err)
	assert.Empty(t, left, "nothing of the run, nothing of the probes")
	assert.Contains(t, theirs.must("local", "status"), "is running", "it is not labctl's to stop")
}

// TestAnEndpointThatCannotHoldALabIsToldSoAndLeftAsItWas tries labs on a moto that nobody has corrected.
func TestAnEndpointThatCannotHoldALabIsToldSoAndLeftAsItWas(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server")
	}
	t.Parallel()
	mine := &machine{t: t, labctl: built(t), home: t.TempDir()}
	endpoint := plainMoto(t)
	for lab, lacks := range map[string]string{
		"iam":        "trail-names (tried, and the server did otherwise: ",
		"networking": "subnet-ipv6 (tried, and the server did otherwise: ",
	} {
		up, err := mine.command(t.Context(), "up", lab, "--target", "endpoint", "--endpoint", endpoint).CombinedOutput()
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit)
		assert.Equal(t, 3, exit.ExitCode(), string(up))
		assert.Contains(t, string(up), "target endpoint cannot hold lab "+lab+": it does not show "+lacks)
	}
	assert.Contains(t, mine.must("status"), "There are no runs")
}

// plainMoto is a moto as it comes.
func plainMoto(t *testing.T) string {
	t.Helper()
	python := local.NewManager(local.Options{CacheDir: t.TempDir(), Env: os.Environ()}).Probe(t.Context())
	require.NoError(t, python.Problem)
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	host, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	server := exec.CommandContext(t.Context(), python.Python, "-m", "moto.server", "-H", host, "-p", port) //nolint:gosec // the machine's Python
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	endpoint := "http://" + net.JoinHostPort(host, port)
	require.Eventually(t, func() bool {
		conn, err := net.DialTimeout("tcp4", net.JoinHostPort(host, port), time.Second)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, 30*time.Second, 100*time.Millisecond)
	return endpoint
}
