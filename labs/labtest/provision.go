package labtest

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks"
	"labctl/labs"
	"labctl/labs/clock"
)

// Provision brings the lab up on a local AWS of its own, with a labctl that is built for it, and takes everything down
// when the test ends. The local AWS is started with the given flags of `labctl local start`.
func Provision(t *testing.T, lab labs.Lab, start ...string) Suite {
	t.Helper()
	home := t.TempDir()
	binary := filepath.Join(home, "labctl")
	output, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "labctl/cmd/labctl").CombinedOutput()
	require.NoError(t, err, string(output))

	labctl := func(ctx context.Context, args ...string) []byte {
		cmd := exec.CommandContext(ctx, binary, args...)
		cmd.Env = append(os.Environ(), "HOME="+home, "XDG_STATE_HOME="+filepath.Join(home, "state"), "XDG_CACHE_HOME="+filepath.Join(home, "cache"))
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		assert.NoErrorf(t, cmd.Run(), "labctl %v: %s", args, &stderr)
		return stdout.Bytes()
	}
	const run = "mutation"
	t.Cleanup(func() { labctl(context.Background(), "local", "stop", "--force") })
	labctl(t.Context(), append([]string{"local", "start"}, start...)...) // what is started so stays when its last run is gone, and can be looked at
	labctl(t.Context(), "up", lab.ID, "--run", run, "--no-check")

	var status struct {
		Endpoint    string
		StartedAt   time.Time
		Speed       int
		Corrections []struct{ Name string }
	}
	require.NoError(t, json.Unmarshal(labctl(t.Context(), "local", "status", "--output", "json"), &status))
	suite := Suite{
		Lab: lab, Run: run, Labctl: func(args ...string) { labctl(t.Context(), args...) },
		Tags:    map[string]string{"labctl:lab": lab.ID, "labctl:run": run, "labctl:expires": "2030-01-02T15:04:05Z"},
		Support: map[checks.Capability]checks.Support{},
		Clock:   clock.Clock{Started: status.StartedAt, Speed: status.Speed},
		Config: aws.Config{
			Region: "us-east-1", BaseEndpoint: aws.String(status.Endpoint),
			Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		},
	}
	suite.Resources = resources(t, filepath.Join(home, "state", "labctl", "runs", run, "terraform", "terraform.tfstate"))
	for _, correction := range status.Corrections {
		suite.Support[checks.Capability(correction.Name)] = checks.Support{Shown: true, Simulated: true}
	}
	who, err := sts.NewFromConfig(suite.Config).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	require.NoError(t, err)
	suite.Account = aws.ToString(who.Account)
	return suite
}

// resources counts what Terraform manages, by type.
func resources(t *testing.T, stateFile string) map[string]int {
	t.Helper()
	data, err := os.ReadFile(stateFile)
	require.NoError(t, err)
	var state struct {
		Resources []struct {
			Mode, Type string
			Instances  []json.RawMessage
		}
	}
	require.NoError(t, json.Unmarshal(data, &state))
	counts := map[string]int{}
	for _, resource := range state.Resources {
		if resource.Mode == "managed" {
			counts[resource.Type] += len(resource.Instances)
		}
	}
	return counts
}
