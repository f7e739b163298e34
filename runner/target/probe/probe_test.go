package probe

import (
	"context"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks"
	"labctl/labs/catalogue"
	"labctl/runner/sweep"
	"labctl/runner/target/local"
)

// superviseArg makes the test binary the supervisor of the local AWS.
const superviseArg = "probe-test-supervise"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == superviseArg {
		if err := supervise(os.Args[2:]); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func supervise(args []string) error {
	flags := flag.NewFlagSet("supervise", flag.ExitOnError)
	dir, python := flags.String("state-dir", "", ""), flags.String("python", "", "")
	instead := flags.String("instead", "", "a Python to use in the place of the one that was found")
	speed := flags.Int("speed", 1, "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *instead != "" {
		python = instead
	}
	return local.Supervise(context.Background(), local.SupervisorOptions{
		StateDir: *dir, Python: *python, Env: os.Environ(), Speed: *speed, InUse: func() (bool, error) { return false, nil },
		StartGrace: 2 * time.Minute, IdleGrace: 2 * time.Minute,
	})
}

// localAWS starts a server of the test's own.
func localAWS(t *testing.T, flags ...string) aws.Config {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	dir := t.TempDir()
	m := local.NewManager(local.Options{
		StateDir: filepath.Join(dir, "state"), CacheDir: filepath.Join(dir, "cache"),
		Supervisor: append([]string{exe, superviseArg}, flags...), Env: os.Environ(),
	})
	t.Cleanup(func() {
		_, err := m.Stop(context.Background())
		require.NoError(t, err)
	})
	info, err := m.Ensure(t.Context())
	require.NoError(t, err)
	return config(info.Endpoint)
}

func config(endpoint string) aws.Config {
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: &endpoint, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
}

func TestEachProbeShowsWhatTheLocalAWSIsCorrectedToShowAndLeavesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server")
	}
	cfg := localAWS(t)
	support, err := Run(t.Context(), cfg, Probed(), nil)
	require.NoError(t, err)
	corrections := map[checks.Capability]bool{}
	for _, name := range local.CorrectionNames() {
		corrections[checks.Capability(name)] = true
	}
	for _, capability := range Probed() {
		assert.Equal(t, corrections[capability], support[capability].Shown, "%s: %s", capability, support[capability].Reason)
		assert.False(t, support[capability].Simulated, "what the server does is its own")
	}
	left, err := sweep.New(cfg).List(t.Context(), sweep.Scope{Every: true})
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestNoProbeIsTakenInByAMotoWithoutCorrections(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server")
	}
	cfg := localAWS(t, "--instead", otherMoto(t))
	support, err := Run(t.Context(), cfg, Probed(), nil)
	var leftover *LeftoverError
	if err != nil {
		require.ErrorAs(t, err, &leftover, "a server that loses tags is hard to clear")
	}
	for _, capability := range Probed() {
		assert.False(t, support[capability].Shown, "%s is shown by a moto that does not do it", capability)
		assert.NotEmpty(t, support[capability].Reason, capability)
	}
}

// otherMoto is a Python whose moto says that it is of another version, so that it gets no corrections.
func otherMoto(t *testing.T) string {
	t.Helper()
	base := local.NewManager(local.Options{CacheDir: t.TempDir(), Env: os.Environ()}).Probe(t.Context())
	require.NoError(t, base.Problem)
	dir := filepath.Join(t.TempDir(), "venv")
	out, err := exec.CommandContext(t.Context(), base.Python, "-m", "venv", "--without-pip", "--system-site-packages", dir).CombinedOutput() //nolint:gosec // the machine's Python
	require.NoError(t, err, string(out))
	packages, err := filepath.Glob(filepath.Join(dir, "lib", "python3*", "site-packages"))
	require.NoError(t, err)
	require.Len(t, packages, 1)
	require.NoError(t, os.WriteFile(filepath.Join(packages[0], "sitecustomize.py"), []byte("import moto\nmoto.__version__ = '5.2.99'\n"), 0o600))
	return filepath.Join(dir, "bin", "python3")
}

func TestWhatHasNoProbeOrNoServiceIsNotTriedAndNotClaimed(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.WriteHeader(http.StatusNotImplemented)
	}))
	defer server.Close()
	support, err := Run(t.Context(), config(server.URL), []checks.Capability{"group-zones", "no-such-thing", "scaling-from-load", "group-zones"}, []string{"ec2", "s3"})
	require.NoError(t, err)
	assert.Equal(t, map[checks.Capability]checks.Support{
		"group-zones":       {Reason: "the server has no service autoscaling"},
		"no-such-thing":     {Reason: "labctl has no probe for it, so it is not claimed here"},
		"scaling-from-load": {Reason: "labctl has no probe for it, so it is not claimed here: it takes minutes of load on instances that run"},
	}, support)
	assert.Zero(t, asked)
}

func TestAServerThatImplementsNothingShowsNothing(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotImplemented) }))
	defer server.Close()
	support, err := Run(t.Context(), config(server.URL), []checks.Capability{"elastic-addresses"}, nil)
	var leftover *LeftoverError
	require.ErrorAs(t, err, &leftover, "that nothing is left was not shown")
	assert.Equal(t, checks.Support{Reason: "tried, and the server did otherwise: it does not implement the call"}, support["elastic-addresses"])
}

func TestWhateverALabAsksAboutHasAProbeOrAReasonWhyNot(t *testing.T) {
	known := Probed()
	for name := range Unprobed() {
		assert.NotContains(t, known, name)
		known = append(known, name)
	}
	for _, lab := range catalogue.All() {
		assert.Subset(t, known, lab.AsksAbout(), lab.ID)
	}
}

func TestAnInterruptLeavesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server")
	}
	cfg := localAWS(t)
	_, err := ec2.NewFromConfig(cfg).DescribeAvailabilityZones(t.Context(), &ec2.DescribeAvailabilityZonesInput{}) // moto's slow first call
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	var made atomic.Int32
	cfg.HTTPClient = doer(func(r *http.Request) (*http.Response, error) {
		if made.Add(1) == 60 { // in the midst of it: tables, vaults and groups are there
			cancel()
		}
		return http.DefaultClient.Do(r)
	})
	_, err = Run(ctx, cfg, Probed(), nil)
	require.ErrorIs(t, err, context.Canceled)
	cfg.HTTPClient = nil
	left, err := sweep.New(cfg).List(t.Context(), sweep.Scope{Every: true})
	require.NoError(t, err)
	assert.Empty(t, left)
}

// doer carries out requests.
type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

func TestAnInterruptEndsTheProbesWithoutAnAnswer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		cancel()
		w.WriteHeader(http.StatusNotImplemented)
	}))
	defer server.Close()
	support, err := Run(ctx, config(server.URL), []checks.Capability{"elastic-addresses"}, nil)
	require.ErrorIs(t, err, context.Canceled)
	assert.Nil(t, support)
}
