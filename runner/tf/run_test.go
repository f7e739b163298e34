package tf

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// chain makes three resources at once, then a slow one, then one more.
const chain = `
variable "seconds" {
  type    = number
  default = 60
}
resource "terraform_data" "fast" {
  count = 3
  input = count.index
}
resource "terraform_data" "slow" {
  depends_on = [terraform_data.fast]
  provisioner "local-exec" { command = "exec sleep ${var.seconds}" }
}
resource "terraform_data" "later" {
  depends_on = [terraform_data.slow]
}
output "fast" { value = [for f in terraform_data.fast : f.output] }
`

func slowStarts(e Event) bool { return e.Kind == Started && e.Address == "terraform_data.slow" }

func addresses(t *testing.T, w *Workspace) []string {
	t.Helper()
	resources, err := w.Resources()
	require.NoError(t, err)
	var names []string
	for _, r := range resources {
		names = append(names, r.Address)
	}
	return names
}

func requireFree(t *testing.T, w *Workspace) {
	t.Helper()
	pid, err := w.Busy()
	require.NoError(t, err)
	require.Zero(t, pid, "Terraform has ended and its lock is free")
}

func TestApplyAndDestroyTellEveryStep(t *testing.T) {
	w := initialised(t, chain)
	require.NoError(t, w.SetVariables(map[string]any{"seconds": 1}))
	var events []Event
	collect := ApplyOptions{OnEvent: func(e Event) { events = append(events, e) }}
	require.NoError(t, w.Apply(t.Context(), collect))

	kinds := map[Kind]int{}
	for _, e := range events {
		kinds[e.Kind]++
		if e.Kind == Done && e.Address == "terraform_data.slow" {
			assert.GreaterOrEqual(t, e.Elapsed, time.Second)
			assert.NotEmpty(t, e.ID)
			assert.Equal(t, Create, e.Action)
		}
	}
	assert.Equal(t, map[Kind]int{Planned: 5, Plan: 1, Started: 5, Done: 5, Summarised: 1}, kinds)
	assert.Equal(t, Summary{Add: 5}, events[len(events)-1].Summary)
	outputs, err := w.Outputs()
	require.NoError(t, err)
	assert.JSONEq(t, "[0,1,2]", string(outputs["fast"]))

	events = nil
	require.NoError(t, w.Destroy(t.Context(), collect))
	assert.Equal(t, Summary{Remove: 5}, events[len(events)-1].Summary)
	assert.Empty(t, addresses(t, w))

	assert.Contains(t, readTest(t, filepath.Join(w.dir, LogName)), `"type":"apply_complete"`)
	assert.Contains(t, readTest(t, filepath.Join(w.dir, LogName+".1")), `"type":"apply_complete"`)
}

func TestAFailureNamesTheResourceAndTheReason(t *testing.T) {
	w := initialised(t, `resource "terraform_data" "bad" {
  provisioner "local-exec" { command = "exit 7" }
}`)
	var failed []Event
	err := w.Apply(t.Context(), ApplyOptions{OnEvent: func(e Event) {
		if e.Kind == Failed || e.Kind == Diagnosed {
			failed = append(failed, e)
		}
	}})
	var failure *Error
	require.ErrorAs(t, err, &failure)
	require.Len(t, failure.Errors(), 1)
	assert.Equal(t, "terraform_data.bad", failure.Errors()[0].Address)
	assert.Contains(t, failure.Errors()[0].Detail, "exit status 7")
	assert.EqualError(t, err, "terraform apply: terraform_data.bad: local-exec provisioner error")
	assert.Len(t, failed, 2)
	resources, err := w.Resources()
	require.NoError(t, err)
	require.Len(t, resources, 1)
	assert.True(t, resources[0].Tainted)
}

func TestACancelledContextInterruptsTerraformOnceAndWaitsForItsEnd(t *testing.T) {
	w := initialised(t, chain)
	ctx, onEvent := cancelOn(t, slowStarts)
	stopping := 0
	err := w.Apply(ctx, ApplyOptions{OnEvent: func(e Event) {
		onEvent(e)
		if e.Kind == Stopping {
			stopping++
		}
	}})
	require.ErrorIs(t, err, ErrInterrupted)
	require.ErrorIs(t, err, context.Canceled)
	assert.NotErrorIs(t, err, ErrKilled)
	assert.Equal(t, 1, stopping)
	var failure *Error
	require.ErrorAs(t, err, &failure)
	assert.Empty(t, failure.InFlight)
	requireFree(t, w)
	assert.Equal(t, []string{"terraform_data.fast[0]", "terraform_data.fast[1]", "terraform_data.fast[2]", "terraform_data.slow"},
		addresses(t, w), "what was in flight is recorded, what was to come was not begun")
	assert.NoError(t, w.Destroy(t.Context(), ApplyOptions{}))
}

func TestAContextCancelledBeforeTheStartStartsNothing(t *testing.T) {
	w := fakeWorkspace(t, "touch started")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, w.Apply(ctx, ApplyOptions{}), ErrInterrupted)
	assert.NoFileExists(t, filepath.Join(w.dir, "started"))
}

// terraform-exec returns at once, with Terraform still running, when its context is cancelled while it starts one.
func TestAContextCancelledDuringTheStartStillWaitsForTerraform(t *testing.T) {
	w := initialised(t, chain)
	require.NoError(t, w.SetVariables(map[string]any{"seconds": 5}))
	for _, delay := range []time.Duration{0, time.Millisecond, 10 * time.Millisecond, 22 * time.Millisecond, 30 * time.Millisecond, 50 * time.Millisecond} {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(delay, cancel)
		err := w.Apply(ctx, ApplyOptions{})
		require.ErrorIs(t, err, ErrInterrupted, "after %v", delay)
		_ = err.Error() // terraform-exec's own error panics here
		requireFree(t, w)
	}
}

func TestATerraformThatCompletesInSpiteOfTheInterruptHasSucceeded(t *testing.T) {
	w := fakeWorkspace(t, `trap 'echo "{}"; exit 0' INT; echo '{"type":"apply_start"}'; while :; do sleep 0.02; done`)
	ctx, onEvent := cancelOn(t, func(e Event) bool { return e.Kind == Started })
	assert.NoError(t, w.Apply(ctx, ApplyOptions{OnEvent: onEvent}))
}

// On macOS the terminal's interrupt reaches Terraform without labctl, and a second one would make it quit.
func TestAnInterruptThatTheTerminalHasDeliveredIsNotRepeated(t *testing.T) {
	// The fake counts the interrupts that it gets; its own group stands for the terminal's.
	body := `n=0; trap 'n=$((n+1)); echo "{\"type\":\"log\",\"@message\":\"Interrupt received.\"}"' INT
echo '{"type":"apply_start"}'; %s
i=0; while [ $i -lt 20 ]; do sleep 0.02; i=$((i+1)); done; echo $n > count`
	for _, c := range []struct{ name, terminal, want string }{
		{"the terminal's is enough", "kill -INT $$", "1\n"},
		{"without one labctl sends it", "sleep 3.3", "1\n"}, // longer than terminalGrace
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := fakeWorkspace(t, fmt.Sprintf(body, c.terminal))
			w.terminalReaches = true
			ctx, onEvent := cancelOn(t, func(e Event) bool { return e.Kind == Started })
			assert.NoError(t, w.Apply(ctx, ApplyOptions{OnEvent: onEvent}))
			assert.Equal(t, c.want, readTest(t, filepath.Join(w.dir, "count")))
		})
	}
}

func TestAKilledTerraformLosesOnlyWhatWasInFlightAndLeavesNoLock(t *testing.T) {
	w := initialised(t, chain)
	err := w.Apply(t.Context(), ApplyOptions{OnEvent: func(e Event) {
		if slowStarts(e) {
			pid, err := w.Busy()
			assert.NoError(t, err)
			assert.NotZero(t, pid, "a running Terraform is seen")
			assert.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
		}
	}})
	require.ErrorIs(t, err, ErrKilled)
	assert.EqualError(t, err, "terraform apply: terraform was killed (signal: killed); may exist without being in the state: terraform_data.slow")
	requireFree(t, w)
	assert.FileExists(t, filepath.Join(w.dir, ".terraform.tfstate.lock.info"), "it stays behind, and must not matter")
	assert.Equal(t, []string{"terraform_data.fast[0]", "terraform_data.fast[1]", "terraform_data.fast[2]"}, addresses(t, w),
		"the state is written after every resource")

	require.NoError(t, w.SetVariables(map[string]any{"seconds": 0}))
	require.NoError(t, w.Apply(t.Context(), ApplyOptions{}), "the next apply goes on")
	require.NoError(t, w.Destroy(t.Context(), ApplyOptions{}))
}

// TestHelperApply is labctl for the test below: it applies the directory that its environment names.
func TestHelperApply(t *testing.T) {
	dir := os.Getenv("LABCTL_TEST_APPLY")
	if dir == "" {
		t.Skip("only runs as a helper process")
	}
	w, err := New(Options{Dir: dir, Binary: Binary{Path: os.Getenv("LABCTL_TEST_BINARY")}, CacheDir: dir})
	require.NoError(t, err)
	_ = w.Apply(t.Context(), ApplyOptions{OnEvent: func(e Event) {
		if slowStarts(e) {
			fmt.Fprintln(os.Stdout, "slow")
		}
	}})
}

func TestTerraformDiesWithLabctl(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the parent-death signal is Linux's; elsewhere Busy tells of the survivor")
	}
	w := initialised(t, chain)
	labctl := exec.Command(os.Args[0], "-test.run=^TestHelperApply$")
	labctl.Env = append(os.Environ(), "LABCTL_TEST_APPLY="+w.dir, "LABCTL_TEST_BINARY="+w.binary.Path)
	stdout, err := labctl.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, labctl.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "slow\n", line)
	pid, err := w.Busy()
	require.NoError(t, err)
	require.NotZero(t, pid)

	require.NoError(t, labctl.Process.Kill())
	_ = labctl.Wait()
	until(t, "Terraform ends", func() bool { pid, err := w.Busy(); return err == nil && pid == 0 })
	assert.Len(t, addresses(t, w), 3)
}

// TestHelperLock is a Terraform that survived its labctl: it holds the lock of a state until its input ends.
func TestHelperLock(t *testing.T) {
	name := os.Getenv("LABCTL_TEST_LOCK")
	if name == "" {
		t.Skip("only runs as a helper process")
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	require.NoError(t, err)
	defer f.Close()
	require.NoError(t, syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart}))
	fmt.Fprintln(os.Stdout, "locked")
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func TestATerraformThatSurvivedItsLabctlIsSeenAndNotJoined(t *testing.T) {
	w := fakeWorkspace(t, "touch started")
	requireFree(t, w)
	holder := lockState(t, w)
	pid, err := w.Busy()
	require.NoError(t, err)
	assert.Equal(t, holder, pid)
	err = w.Apply(t.Context(), ApplyOptions{})
	var busy *BusyError
	require.ErrorAs(t, err, &busy)
	assert.Equal(t, holder, busy.PID)
	assert.NoFileExists(t, filepath.Join(w.dir, "started"))
}

func TestOutputThatIsNoJSONIsLoggedAndReported(t *testing.T) {
	w := fakeWorkspace(t, "echo garbage; echo 'panic: boom' >&2; exit 2")
	err := w.Apply(t.Context(), ApplyOptions{OnEvent: func(Event) { t.Error("no event is expected") }})
	assert.EqualError(t, err, "terraform apply: exit status 2: panic: boom")
	assert.Equal(t, 1, strings.Count(readTest(t, filepath.Join(w.dir, LogName)), "garbage"))
	assert.Contains(t, readTest(t, filepath.Join(w.dir, LogName)), "panic: boom")
}

type failingLog struct{}

func (failingLog) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestAFullDiskUnderTheLogStopsNothing(t *testing.T) {
	o := &output{log: failingLog{}, decoder: newDecoder(), started: make(chan struct{}), stopping: make(chan struct{})}
	o.stderr.log = failingLog{}
	for _, w := range []io.Writer{o, &o.stderr} {
		n, err := w.Write([]byte("line\n"))
		assert.NoError(t, err)
		assert.Equal(t, 5, n)
	}
	assert.Equal(t, "line", o.stderr.String())
}

func TestOnlyTheLatestLogsAreKept(t *testing.T) {
	w := fakeWorkspace(t, "echo '{}'")
	for range oldLogs + 3 {
		require.NoError(t, w.Apply(t.Context(), ApplyOptions{}))
	}
	logs, err := filepath.Glob(filepath.Join(w.dir, LogName+"*"))
	require.NoError(t, err)
	assert.Len(t, logs, oldLogs+1)
}

func TestTheProviderReportsADeadServerInSeconds(t *testing.T) {
	config, lock := awsConfig(t, `resource "aws_vpc" "a" { cidr_block = "10.0.0.0/16" }`)
	server := endpoint(t, nil)
	server.Close()
	w := initialised(t, config, lock, func(o *Options) { o.Env = awsEnv(server.URL) })
	began := time.Now()
	err := w.Apply(t.Context(), ApplyOptions{})
	require.ErrorIs(t, err, ErrUnreachable)
	assert.NotErrorIs(t, err, ErrNotEmulated)
	assert.Less(t, time.Since(began), 30*time.Second, "the provider's default of 25 tries takes 74 s")
}

func TestTheProviderReportsAnHTMLAnswerAsNotEmulated(t *testing.T) {
	config, lock := awsConfig(t, `
resource "aws_vpc" "a" { cidr_block = "10.0.0.0/16" }
resource "aws_cloudwatch_log_group" "a" { name = "x" }`)
	server := endpoint(t, func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		rw.WriteHeader(http.StatusNotFound)
		fmt.Fprint(rw, "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n")
	})
	w := initialised(t, config, lock, func(o *Options) { o.Env = awsEnv(server.URL) })
	err := w.Apply(t.Context(), ApplyOptions{})
	require.ErrorIs(t, err, ErrNotEmulated)
	var failure *Error
	require.ErrorAs(t, err, &failure)
	var calls []string
	for _, d := range failure.Errors() {
		call, _ := d.NotEmulated()
		calls = append(calls, call)
	}
	assert.ElementsMatch(t, []string{"EC2 CreateVpc", "CloudWatch Logs CreateLogGroup"}, calls)
}

// The provider is Terraform's child. It must not go on making resources after Terraform was killed.
func TestTheProviderEndsWithAKilledTerraform(t *testing.T) {
	config, lock := awsConfig(t, `resource "aws_vpc" "a" { cidr_block = "10.0.0.0/16" }`)
	gone := make(chan struct{})
	var w *Workspace
	server := endpoint(t, func(_ http.ResponseWriter, r *http.Request) {
		pid, err := w.Busy()
		assert.NoError(t, err)
		if pid == 0 {
			return
		}
		sockets, err := os.ReadDir(filepath.Join(w.dir, socketFolder))
		assert.NoError(t, err)
		assert.Len(t, sockets, 1, "the provider listens in the run's own directory")
		assert.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
		select {
		case <-r.Context().Done(): // the provider's connection has closed
			close(gone)
		case <-time.After(20 * time.Second):
		}
	})
	w = initialised(t, config, lock, func(o *Options) { o.Env = awsEnv(server.URL) })
	err := w.Apply(t.Context(), ApplyOptions{})
	assert.ErrorIs(t, err, ErrKilled)
	select {
	case <-gone:
	case <-time.After(20 * time.Second):
		t.Error("the provider still runs")
	}
	assert.NoDirExists(t, filepath.Join(w.dir, socketFolder), "and its socket is not left")
}

func TestADirectoryTooDeepForSocketsIsNotUsedForThem(t *testing.T) {
	w := fakeWorkspace(t, "")
	w.dir = filepath.Join(w.dir, strings.Repeat("deep", 30))
	env, clear, err := w.withSockets(map[string]string{"a": "b"})
	require.NoError(t, err)
	clear()
	assert.Equal(t, map[string]string{"a": "b"}, env)
	assert.NoDirExists(t, w.dir)
}

// The AWS provider does not wait for the answer to a call in flight when Terraform is interrupted.
func TestAnInterruptedCreationThatTheStateMissesIsNamed(t *testing.T) {
	config, lock := awsConfig(t, `resource "aws_vpc" "a" { cidr_block = "10.0.0.0/16" }`)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	server := endpoint(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		select {
		case <-r.Context().Done():
		case <-time.After(20 * time.Second):
			t.Error("the provider waits for the answer: InFlight is no longer needed for interrupts")
		}
	})
	w := initialised(t, config, lock, func(o *Options) { o.Env = awsEnv(server.URL) })
	err := w.Apply(ctx, ApplyOptions{})
	require.ErrorIs(t, err, ErrInterrupted)
	var failure *Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, []string{"aws_vpc.a"}, failure.InFlight)
	assert.Empty(t, addresses(t, w))
	requireFree(t, w)
}
