package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// machine is a home of its own with a local AWS that is kept, so that the account can be read when a run is gone, and a
// proxy between the two.
type machine struct {
	labctl string
	home   string
	rng    *rand.Rand

	proxy    *proxy
	server   int // pid of the local AWS
	patience time.Duration
	config   aws.Config // straight to the server
}

func (m *machine) state(path ...string) string {
	return filepath.Join(append([]string{m.home, "state", "labctl"}, path...)...)
}

func (m *machine) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, m.labctl, args...) //nolint:gosec // the labctl that the user names
	cmd.Env = append(os.Environ(), "HOME="+m.home, "XDG_STATE_HOME="+filepath.Join(m.home, "state"), "XDG_CACHE_HOME="+filepath.Join(m.home, "cache"))
	return cmd
}

// start starts a local AWS that outlives its runs, and puts the proxy before it: labctl reads the port in the record.
func (m *machine) start(ctx context.Context) error {
	if output, err := m.command(ctx, "local", "start").CombinedOutput(); err != nil {
		return fmt.Errorf("starting the local AWS: %w\n%s", err, output)
	}
	path := m.state("local", "server.json")
	data, err := os.ReadFile(path) //nolint:gosec // the machine's own
	if err != nil {
		return err
	}
	var record map[string]any
	if err := json.Unmarshal(data, &record); err != nil {
		return err
	}
	port, _ := record["port"].(float64)
	moto, _ := record["moto"].(map[string]any)
	pid, _ := moto["pid"].(float64)
	if port == 0 || pid == 0 {
		return fmt.Errorf("%s names no port or no process", path)
	}
	m.server = int(pid)
	direct := &url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", int(port))}
	if m.proxy, err = newProxy(ctx, direct, m.rng); err != nil {
		return err
	}
	record["port"] = m.proxy.port()
	if data, err = json.Marshal(record); err != nil {
		return err
	}
	m.config = aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(direct.String()),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
	return os.WriteFile(path, data, 0o600)
}

// stop ends the local AWS and the proxy.
func (m *machine) stop(ctx context.Context) error {
	output, err := m.command(ctx, "local", "stop", "--force").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("stopping the local AWS: %w\n%s", err, output)
	}
	if m.proxy != nil {
		err = errors.Join(err, m.proxy.close())
	}
	return err
}

// ended is how a command ended.
type ended struct {
	args   []string
	code   int // -1: by a signal
	hung   bool
	output string
	took   time.Duration
}

func (e ended) String() string {
	return fmt.Sprintf("labctl %s: exit code %d after %.1f s", strings.Join(e.args, " "), e.code, e.took.Seconds())
}

// patience is how long a command may take before it counts as hung. The longest that is right: a load balancer takes a
// minute, and a Terraform that was interrupted may wait for what it has begun.
const patience = 8 * time.Minute

// run runs labctl; disturb, where there is one, is called beside it with its pid.
func (m *machine) run(ctx context.Context, disturb func(pid int, over <-chan struct{}), args ...string) ended {
	ctx, cancel := context.WithTimeout(ctx, m.patience)
	defer cancel()
	began := time.Now()
	cmd := m.command(ctx, args...)
	cmd.WaitDelay = 5 * time.Second
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	e := ended{args: args, code: -1}
	if err := cmd.Start(); err != nil {
		e.output = err.Error()
		return e
	}
	over := make(chan struct{})
	if disturb != nil {
		go disturb(cmd.Process.Pid, over)
	}
	_ = cmd.Wait() // how it ended is in its state
	close(over)
	e.code, e.took, e.output = cmd.ProcessState.ExitCode(), time.Since(began), output.String()
	e.hung = errors.Is(ctx.Err(), context.DeadlineExceeded)
	return e
}

// terraformOf finds the Terraform that a labctl runs, as Linux shows processes; 0 where it runs none.
func terraformOf(parent int) int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile(filepath.Join("/proc", entry.Name(), "stat"))
		if err != nil {
			continue // it has ended
		}
		name, rest, ok := strings.Cut(string(stat), ") ")
		fields := strings.Fields(rest)
		if ok && strings.HasSuffix(name, "(terraform") && len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			return pid
		}
	}
	return 0
}

// kill signals a process; one that has ended meanwhile is none.
func kill(pid int, signal syscall.Signal) bool { return pid > 0 && syscall.Kill(pid, signal) == nil }
