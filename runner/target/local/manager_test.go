package local_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/runner/target/local"
)

// stateDir makes a Manager use dir, so that a test can read and write there.
func stateDir(dir string) func(*local.Options) {
	return func(o *local.Options) { o.StateDir = dir }
}

func ensure(t *testing.T, m *local.Manager) local.Info {
	t.Helper()
	info, err := m.Ensure(t.Context())
	require.NoError(t, err)
	require.Equal(t, local.StateRunning, info.State)
	return info
}

func status(t *testing.T, m *local.Manager) local.Info {
	t.Helper()
	info, err := m.Status(t.Context())
	require.NoError(t, err)
	return info
}

func awaitState(t *testing.T, m *local.Manager, want local.State) local.Info {
	t.Helper()
	var info local.Info
	require.Eventually(t, func() bool {
		info = status(t, m)
		return info.State == want
	}, 5*time.Second, 20*time.Millisecond, "the server becomes %s", want)
	return info
}

func signal(t *testing.T, pid int, s syscall.Signal) {
	t.Helper()
	require.NoError(t, syscall.Kill(pid, s))
}

func awaitEnd(t *testing.T, pid int) {
	t.Helper()
	require.Eventually(t, func() bool { return !runs(pid) }, 5*time.Second, 10*time.Millisecond, "process %d ends", pid)
}

// runs reports whether the process lives; a zombie whose parent has yet to notice does not.
func runs(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return os.IsPermission(err) || !os.IsNotExist(err) && syscall.Kill(pid, 0) == nil
	}
	return !strings.Contains(string(stat), ") Z ")
}

func TestAServerStartsOnDemandAndStops(t *testing.T) {
	t.Parallel()
	m, ctx := newManager(t), t.Context()
	assert.Equal(t, local.StateStopped, status(t, m).State)
	ran, err := m.Stop(ctx)
	require.NoError(t, err)
	assert.False(t, ran, "there was nothing to stop")

	info := ensure(t, m)
	assert.NoError(t, m.Verify(ctx, info.Instance))
	assert.Equal(t, info.Instance, ensure(t, m).Instance, "a second Ensure uses the server that runs")
	assert.Equal(t, "5.2.1", info.MotoVersion)

	ran, err = m.Stop(ctx)
	require.NoError(t, err)
	assert.True(t, ran)
	assert.Equal(t, local.StateStopped, status(t, m).State)
	assert.ErrorIs(t, m.Verify(ctx, info.Instance), local.ErrGone)
	assert.False(t, runs(info.SupervisorPID) || runs(info.MotoPID))

	next := ensure(t, m)
	assert.NotEqual(t, info.Instance, next.Instance)
	assert.ErrorIs(t, m.Verify(ctx, info.Instance), local.ErrGone, "another server is not the same server")
}

func TestTwoManagersAtOnceShareOneServer(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	instances := make([]string, 4)
	var wg sync.WaitGroup
	for i := range instances {
		m := newManager(t, stateDir(dir))
		wg.Go(func() {
			if info, err := m.Ensure(t.Context()); assert.NoError(t, err) {
				instances[i] = info.Instance
			}
		})
	}
	wg.Wait()
	for _, i := range instances {
		assert.Equal(t, instances[0], i)
	}
}

func TestAServerThatIsKilledIsNoticedAndReplaced(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		kill func(local.Info) []int
	}{
		{"moto", func(i local.Info) []int { return []int{i.MotoPID} }},
		{"the supervisor", func(i local.Info) []int { return []int{i.SupervisorPID} }},
		{"both", func(i local.Info) []int { return []int{i.MotoPID, i.SupervisorPID} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := newManager(t)
			info := ensure(t, m)
			for _, pid := range c.kill(info) {
				signal(t, pid, syscall.SIGKILL)
			}
			assert.ErrorIs(t, m.Verify(t.Context(), info.Instance), local.ErrGone)
			died := status(t, m)
			assert.Equal(t, local.StateDied, died.State)
			assert.NotEmpty(t, died.Detail)
			awaitEnd(t, info.SupervisorPID)
			awaitEnd(t, info.MotoPID)

			next := ensure(t, m)
			assert.NotEqual(t, info.Instance, next.Instance)
			assert.NoError(t, m.Verify(t.Context(), next.Instance))
		})
	}
}

func TestADeathIsRecordedWithItsReason(t *testing.T) {
	t.Parallel()
	m := newManager(t)
	info := ensure(t, m)
	signal(t, info.MotoPID, syscall.SIGKILL)
	awaitEnd(t, info.SupervisorPID)
	died := status(t, m)
	assert.Equal(t, local.StateDied, died.State)
	assert.Contains(t, died.Detail, "signal: killed")
	require.NotEmpty(t, died.LastLog)
	assert.Contains(t, died.LastLog[len(died.LastLog)-1], "moto ended")
}

func TestAStoppedProcessIsUnresponsiveAndNothingHangs(t *testing.T) {
	t.Parallel()
	m := newManager(t)
	info := ensure(t, m)
	signal(t, info.MotoPID, syscall.SIGSTOP)
	started := time.Now()
	assert.Equal(t, local.StateUnresponsive, status(t, m).State)
	assert.ErrorIs(t, m.Verify(t.Context(), info.Instance), local.ErrUnresponsive)
	_, err := m.Ensure(t.Context())
	assert.ErrorIs(t, err, local.ErrUnresponsive, "its resources may still be there")
	assert.Less(t, time.Since(started), 10*time.Second)

	signal(t, info.MotoPID, syscall.SIGCONT)
	assert.NoError(t, m.Verify(t.Context(), info.Instance), "it is back, with all its state")
	signal(t, info.MotoPID, syscall.SIGSTOP)
	ran, err := m.Stop(t.Context())
	require.NoError(t, err)
	assert.True(t, ran)
	assert.False(t, runs(info.MotoPID) || runs(info.SupervisorPID))
}

func TestAStoppedSupervisorDoesNotKeepTheServerFromStopping(t *testing.T) {
	t.Parallel()
	m := newManager(t)
	info := ensure(t, m)
	signal(t, info.SupervisorPID, syscall.SIGSTOP)
	assert.Equal(t, local.StateRunning, status(t, m).State, "moto answers")
	ran, err := m.Stop(t.Context())
	require.NoError(t, err)
	assert.True(t, ran)
	assert.False(t, runs(info.MotoPID) || runs(info.SupervisorPID))
	assert.Equal(t, local.StateStopped, status(t, m).State)
}

func TestTheSupervisorStopsInGoodOrderWhenTold(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		m := newManager(t)
		info := ensure(t, m)
		signal(t, info.SupervisorPID, s)
		awaitEnd(t, info.SupervisorPID)
		assert.False(t, runs(info.MotoPID))
		assert.Equal(t, local.StateStopped, status(t, m).State)
	}
}

func TestMotoEndsWithThePipeOfItsSupervisor(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	info := ensure(t, newManager(t, stateDir(dir)))
	cmd := exec.Command(info.Python, "-B", "-m", "labctl_moto", "instance", "[]")
	cmd.Dir = filepath.Join(dir, "server")
	pipe, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	assert.Contains(t, line, `"port"`)
	require.NoError(t, pipe.Close())
	awaitEnd(t, cmd.Process.Pid)
	assert.NoError(t, cmd.Wait())
}

func TestAHangupOfTheTerminalChangesNothing(t *testing.T) {
	t.Parallel()
	m := newManager(t)
	info := ensure(t, m)
	signal(t, info.SupervisorPID, syscall.SIGHUP)
	signal(t, info.MotoPID, syscall.SIGHUP)
	time.Sleep(200 * time.Millisecond)
	assert.NoError(t, m.Verify(t.Context(), info.Instance))
}

// editRecord changes server.json as a crash or another program may leave it.
func editRecord(t *testing.T, dir string, edit func(map[string]any)) {
	t.Helper()
	name := filepath.Join(dir, "server.json")
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	var record map[string]any
	require.NoError(t, json.Unmarshal(data, &record))
	edit(record)
	data, err = json.Marshal(record)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(name, data, 0o600))
}

func TestAProcessThatOnlyHasThePidIsNotTakenForTheServer(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	m := newManager(t, stateDir(dir))
	info := ensure(t, m)
	signal(t, info.SupervisorPID, syscall.SIGKILL)
	awaitEnd(t, info.MotoPID)
	// This test now has the pid of the supervisor and of moto, but not their start times.
	editRecord(t, dir, func(r map[string]any) {
		r["supervisor"].(map[string]any)["pid"] = os.Getpid()
		r["moto"].(map[string]any)["pid"] = os.Getpid()
	})
	assert.Equal(t, local.StateDied, status(t, m).State)
	ran, err := m.Stop(t.Context())
	require.NoError(t, err)
	assert.False(t, ran, "and it was not killed either")
	assert.NotEqual(t, info.Instance, ensure(t, m).Instance)
}

func TestAnotherServerAtThePortIsNoticed(t *testing.T) {
	t.Parallel()
	stranger := httptest.NewServer(http.NotFoundHandler())
	defer stranger.Close()
	dir := filepath.Join(t.TempDir(), "state")
	m := newManager(t, stateDir(dir))
	info := ensure(t, m)
	signal(t, info.SupervisorPID, syscall.SIGSTOP) // it must not see what happens to its record
	defer signal(t, info.SupervisorPID, syscall.SIGCONT)
	editRecord(t, dir, func(r map[string]any) { r["port"] = stranger.Listener.Addr().(*net.TCPAddr).Port })
	found := status(t, m)
	assert.Equal(t, local.StateUnresponsive, found.State)
	assert.Contains(t, found.Detail, "something other than labctl's local AWS")
	assert.ErrorIs(t, m.Verify(t.Context(), info.Instance), local.ErrUnresponsive)
}

func TestARecordThatIsNoneIsReplacedAndItsServerEndsItself(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	m := newManager(t, stateDir(dir))
	info := ensure(t, m)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "server.json"), []byte("{"), 0o600))
	assert.ErrorIs(t, m.Verify(t.Context(), info.Instance), local.ErrGone)
	assert.NotEqual(t, info.Instance, ensure(t, m).Instance)
	awaitEnd(t, info.MotoPID)
	awaitEnd(t, info.SupervisorPID)
	assert.Equal(t, local.StateRunning, status(t, m).State, "the old one left the record alone")
}

func TestAServerStopsWhenItsLastRunIsGone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	m := newManager(t, stateDir(dir), grace("500ms"))
	info := ensure(t, m)
	runs := filepath.Join(dir, "runs")
	require.NoError(t, os.WriteFile(runs, nil, 0o600))
	time.Sleep(time.Second)
	require.NoError(t, m.Verify(t.Context(), info.Instance), "it is in use")
	require.NoError(t, os.Remove(runs))
	awaitState(t, m, local.StateStopped)
	awaitEnd(t, info.MotoPID)
}

func TestAServerThatNoRunEverUsedStops(t *testing.T) {
	t.Parallel()
	m := newManager(t, grace("300ms"))
	ensure(t, m)
	awaitState(t, m, local.StateStopped)
}

func TestAKeptServerStaysWithoutRuns(t *testing.T) {
	t.Parallel()
	m := newManager(t, grace("300ms"))
	info, err := m.Keep(t.Context(), 0)
	require.NoError(t, err)
	assert.True(t, info.Kept)
	time.Sleep(time.Second)
	after := status(t, m)
	assert.Equal(t, local.StateRunning, after.State)
	assert.True(t, after.Kept)
	assert.Greater(t, after.Uptime, 900*time.Millisecond)

	_, err = m.Stop(t.Context())
	require.NoError(t, err)
	assert.False(t, ensure(t, m).Kept, "the next one is not kept unless asked for")
}

func grace(d string) func(*local.Options) {
	return func(o *local.Options) { o.Supervisor = append(o.Supervisor, "--grace", d) }
}

func TestASupervisorThatCannotStartIsReportedWithItsLog(t *testing.T) {
	t.Parallel()
	m := newManager(t, func(o *local.Options) { o.Supervisor = append(o.Supervisor, "--instead", "/bin/false") })
	_, err := m.Ensure(t.Context())
	assert.ErrorIs(t, err, local.ErrStart)
	assert.Equal(t, local.StateDied, status(t, m).State)

	m = newManager(t, func(o *local.Options) { o.Supervisor = []string{"/bin/sh", "-c", "echo no such command >&2; exit 2"} })
	_, err = m.Ensure(t.Context())
	assert.ErrorIs(t, err, local.ErrStart)
	assert.ErrorContains(t, err, "no such command")
}

func TestAnInterruptedStartIsTakenUpByTheNextOne(t *testing.T) {
	t.Parallel()
	m := newManager(t)
	ctx, cancel := context.WithCancel(t.Context())
	started := make(chan struct{})
	go func() {
		defer close(started)
		_, _ = m.Ensure(ctx)
	}()
	time.Sleep(400 * time.Millisecond)
	cancel()
	<-started
	ensure(t, m)
}

func TestAServerKeepsTheSpeedThatItWasStartedWith(t *testing.T) {
	t.Parallel()
	m := newManager(t)
	info, err := m.Keep(t.Context(), 60)
	require.NoError(t, err)
	assert.Equal(t, 60, info.Speed)
	assert.WithinDuration(t, time.Now().Add(-59*time.Hour), info.SimulatedTime, 30*time.Minute)
	assert.WithinDuration(t, time.Now().Add(time.Hour), info.CatchesUp, time.Minute)

	for _, speed := range []int{0, 60} {
		again, err := m.Keep(t.Context(), speed)
		require.NoError(t, err)
		assert.Equal(t, info.Instance, again.Instance)
		assert.True(t, again.SimulatedTime.After(info.SimulatedTime))
	}
	other, err := m.Keep(t.Context(), 10)
	require.ErrorIs(t, err, local.ErrSpeed)
	assert.Equal(t, 60, other.Speed, "whoever is refused is told")
	assert.Equal(t, info.Instance, ensure(t, m).Instance, "a lab lives with any speed")

	_, err = m.Stop(t.Context())
	require.NoError(t, err)
	next := ensure(t, m)
	assert.Equal(t, 1, next.Speed)
	assert.Zero(t, next.SimulatedTime)
}

func TestAServerThatIsNotCorrectedCannotBeFast(t *testing.T) {
	t.Parallel()
	python := otherMoto(t)
	m := newManager(t, func(o *local.Options) { o.Supervisor = append(o.Supervisor, "--instead", python) })
	_, err := m.Keep(t.Context(), 60)
	assert.ErrorIs(t, err, local.ErrStart)
	assert.ErrorContains(t, err, "cannot run at a speed of 60")
}
