package localstack

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"labctl/runner/target/localstack"
)

// version is that of the last community archive.
const version = "4.14.0"

// requirements are the runtime and, pinned, what it was built with and does not bound: with later releases of these it
// does not start. It is written for Python 3.13; on 3.11 and older half of its services are syntax errors.
var requirements = []string{"localstack-core[runtime]==" + version, "cbor2<6", "pyopenssl==25.3.0", "localstack-twisted<26"}

// python finds an interpreter that the runtime can be read by.
func python(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("LABCTL_TEST_PYTHON"), "python3.13", "python3.14", "python3.12", "python3"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if exec.CommandContext(t.Context(), path, "-c", "import sys; sys.exit(sys.version_info < (3, 12))").Run() == nil { //nolint:gosec // the machine's Python
			return path
		}
	}
	require.FailNow(t, "no Python 3.12 or newer on PATH; LABCTL_TEST_PYTHON names one")
	return ""
}

// environment is a virtual environment with the runtime, kept in the user's cache.
func environment(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	dir := filepath.Join(cache, "labctl-test", "localstack-"+version)
	installed := filepath.Join(dir, "installed")
	if _, err := os.Stat(installed); err == nil {
		return dir
	}
	t.Logf("installing the runtime of LocalStack %s into %s (520 MB, once)", version, dir)
	require.NoError(t, os.RemoveAll(dir))
	run(t, python(t), "-m", "venv", dir)
	run(t, filepath.Join(dir, "bin", "pip"), append([]string{"install", "--quiet", "--disable-pip-version-check"}, requirements...)...)
	require.NoError(t, os.WriteFile(installed, nil, 0o600))
	return dir
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	require.NoError(t, err, "%s: %s", name, out)
}

// start runs the server on a free port of 127.0.0.1, with all that it writes in a directory of the test's.
func start(t *testing.T) localstack.Info {
	t.Helper()
	venv, home := environment(t), t.TempDir()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())

	log, err := os.Create(filepath.Join(home, "log"))
	require.NoError(t, err)
	cmd := exec.Command(filepath.Join(venv, "bin", "python"), "-m", "localstack.runtime.main") //nolint:noctx // ended by the clean-up
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "FILESYSTEM_ROOT=" + filepath.Join(home, "root"),
		"GATEWAY_LISTEN=" + address, "LOCALSTACK_HOST=" + address,
		"DISABLE_EVENTS=1", "SKIP_SSL_CERT_DOWNLOAD=1", "DNS_ADDRESS=0", // no call home, no download, no name server
	}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		done := make(chan struct{})
		go func() { _ = cmd.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			<-done
		}
		_ = log.Close()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for {
		info, err := localstack.Read(ctx, "http://"+address)
		if err == nil {
			return info
		}
		if ctx.Err() != nil {
			said, _ := os.ReadFile(log.Name())
			require.FailNow(t, "LocalStack does not come up", "%v\n%s", err, tail(said))
		}
		time.Sleep(500 * time.Millisecond)
	}
}

func tail(text []byte) string {
	const most = 4000
	return string(text[max(0, len(text)-most):])
}
