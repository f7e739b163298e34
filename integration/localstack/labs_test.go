package localstack

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks"
	"labctl/labs/catalogue"
	"labctl/runner/target"
	"labctl/runner/target/probe"
)

var record = flag.Bool("record", false, "write down what the server showed")

const enable = "LABCTL_TEST_LOCALSTACK"

func TestLocalStackHoldsWhatItsProbesSay(t *testing.T) {
	if os.Getenv(enable) == "" {
		t.Skip("installs LocalStack from a package registry: `make test-localstack`")
	}
	info := start(t)
	t.Log(info)
	require.Equal(t, version, info.Version)
	recording := target.Recording{Server: "LocalStack " + info.Version + " (community)", Date: time.Now().UTC().Format(time.DateOnly)}

	cfg := aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(info.Endpoint), RetryMaxAttempts: 2,
		Credentials: credentials.NewStaticCredentialsProvider("labctl", "labctl-local", ""),
	}
	var err error
	recording.Support, err = probe.Run(t.Context(), cfg, probe.Probed(), info.Services)
	var left *probe.LeftoverError
	if err != nil {
		require.ErrorAs(t, err, &left)
		t.Log(err)
	}
	for _, capability := range probe.Probed() {
		t.Logf("%-24s %t %s", capability, recording.Support[capability].Shown, recording.Support[capability].Reason)
	}

	l := newLabctl(t)
	for _, lab := range catalogue.All() {
		t.Run(lab.ID, func(t *testing.T) {
			result := l.lab(t, lab.ID, info.Endpoint)
			t.Log(result.Outcome)
			recording.Labs = append(recording.Labs, result)
			if need := unshown(recording.Support, lab.Needs); need != "" {
				assert.Contains(t, result.Outcome, "cannot hold lab "+lab.ID, "it needs %s", need)
			}
		})
	}
	// What needs no lab works on whatever EC2 it has.
	out, code := l.run(t, "snapshot", "--target", "localstack", "--endpoint", info.Endpoint)
	assert.Zero(t, code, out)

	if *record && !t.Failed() {
		data, err := json.MarshalIndent(recording, "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join("..", "..", "runner", "target", "localstack.json"), append(data, '\n'), 0o644)) //nolint:gosec // a source file
	}
}

func unshown(support map[checks.Capability]checks.Support, needs []checks.Capability) checks.Capability {
	for _, need := range needs {
		if !support[need].Shown {
			return need
		}
	}
	return ""
}

// labctl is the program, with a home of its own.
type labctl struct {
	binary string
	env    []string
}

func newLabctl(t *testing.T) labctl {
	t.Helper()
	home := t.TempDir()
	binary := filepath.Join(home, "labctl")
	run(t, "go", "build", "-o", binary, "labctl/cmd/labctl")
	return labctl{binary: binary, env: append(os.Environ(), "HOME="+home, "XDG_STATE_HOME="+filepath.Join(home, "state"), "XDG_CACHE_HOME="+filepath.Join(home, "cache"))}
}

// run returns what was printed, standard error first.
func (l labctl) run(t *testing.T, args ...string) (string, int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), l.binary, args...)
	cmd.Env = l.env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return stderr.String() + stdout.String(), cmd.ProcessState.ExitCode()
}

// reason is the one line that says why a command failed, without the calls that it comes from; "" where it did not.
func reason(out string) string {
	_, line, _ := strings.Cut("\n"+out, "\nError: ")
	line, _, _ = strings.Cut(line, "\n")
	line, _, _ = strings.Cut(line, ": operation error")
	return line
}

var counts = regexp.MustCompile(`(\d+) pass, (\d+) fail, (\d+) error, (\d+) skip`)

// lab brings one lab up, checks it again, and takes it down; or tells why it could not be brought up.
func (l labctl) lab(t *testing.T, id, endpoint string) target.RecordedLab {
	t.Helper()
	out, code := l.run(t, "up", id, "--target", "localstack", "--endpoint", endpoint)
	result := target.RecordedLab{ID: id}
	if why := reason(out); why != "" {
		result.Outcome = why
	} else if m := counts.FindStringSubmatch(out); m != nil {
		for i, n := range []*int{&result.Pass, &result.Fail, &result.Error, &result.Skips} {
			_, _ = fmt.Sscan(m[i+1], n)
		}
		result.Outcome = fmt.Sprintf("provisioned and checked: %s", m[0])
		again, _ := l.run(t, "check", id)
		assert.Contains(t, again, m[0], "a second look says the same")
	}
	require.NotEmpty(t, result.Outcome, "exit code %d: %s", code, out)
	if status, _ := l.run(t, "status", "--output", "json"); strings.Contains(status, `"lab": "`+id+`"`) {
		if out, code := l.run(t, "down", id); code != 0 {
			result.Outcome += "; that it was removed could not be shown: " + reason(out)
		}
	}
	return result
}
