package sweep

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/require"

	"labctl/runner/target/local"
)

// superviseArg makes the test binary the supervisor of the local AWS.
const superviseArg = "sweep-test-supervise"

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
	dir := flags.String("state-dir", "", "")
	python := flags.String("python", "", "")
	_ = flags.Int("speed", 1, "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return local.Supervise(context.Background(), local.SupervisorOptions{
		StateDir: *dir, Python: *python, Env: os.Environ(),
		InUse:      func() (bool, error) { return false, nil },
		StartGrace: 2 * time.Minute, IdleGrace: 2 * time.Minute,
	})
}

// localAWS starts a local AWS of the test's own and returns how to reach it.
func localAWS(t *testing.T) aws.Config {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	dir := t.TempDir()
	m := local.NewManager(local.Options{
		StateDir: filepath.Join(dir, "state"), CacheDir: filepath.Join(dir, "cache"),
		Supervisor: []string{exe, superviseArg}, Env: os.Environ(),
		Progress: func(line string) { t.Log(line) },
	})
	t.Cleanup(func() {
		_, err := m.Stop(context.Background())
		require.NoError(t, err)
	})
	info, err := m.Ensure(t.Context())
	require.NoError(t, err)
	return aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(info.Endpoint),
		Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
}
