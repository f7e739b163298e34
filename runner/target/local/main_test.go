package local_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"labctl/runner/target/local"
)

// superviseArg makes the test binary the supervisor that `labctl local supervise` is.
const superviseArg = "labctl-test-supervise"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == superviseArg {
		if err := supervise(os.Args[2:]); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// supervise is in use while the file "runs" lies in the state directory.
func supervise(args []string) error {
	flags := flag.NewFlagSet("supervise", flag.ExitOnError)
	dir := flags.String("state-dir", "", "")
	python := flags.String("python", "", "")
	instead := flags.String("instead", "", "run this Python")
	speed := flags.Int("speed", 1, "")
	grace := flags.Duration("grace", 10*time.Minute, "") // the machine may be busy
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *instead != "" {
		*python = *instead
	}
	return local.Supervise(context.Background(), local.SupervisorOptions{
		StateDir: *dir, Python: *python, Env: os.Environ(), Speed: *speed,
		InUse: func() (bool, error) {
			_, err := os.Stat(filepath.Join(*dir, "runs"))
			if errors.Is(err, os.ErrNotExist) {
				return false, nil
			}
			return err == nil, err
		},
		Poll: 50 * time.Millisecond, StartGrace: *grace, IdleGrace: 200 * time.Millisecond,
	})
}

// newManager returns a Manager over a directory of the test's own, whose server is
// gone when the test is.
func newManager(t *testing.T, change ...func(*local.Options)) *local.Manager {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	opts := local.Options{
		StateDir: filepath.Join(dir, "state"), CacheDir: filepath.Join(dir, "cache"),
		Supervisor: []string{exe, superviseArg}, Env: os.Environ(),
		Progress: func(line string) { t.Log(line) },
	}
	for _, c := range change {
		c(&opts)
	}
	m := local.NewManager(opts)
	t.Cleanup(func() {
		if _, err := m.Stop(context.Background()); err != nil {
			t.Error(fmt.Errorf("stopping the server of the test: %w", err))
		}
	})
	return m
}
