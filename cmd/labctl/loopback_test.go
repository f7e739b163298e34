package main

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/runner/tf"
)

// TestALocalRunMakesNoCallOffLoopback goes through a whole run in the environment of somebody who works with AWS: keys, a
// profile, endpoints, and a proxy that every call off this machine would have to go through. Nothing comes to the proxy
// or to the endpoints.
func TestALocalRunMakesNoCallOffLoopback(t *testing.T) {
	if testing.Short() {
		t.Skip("provisions with Terraform on the local AWS")
	}
	t.Parallel()
	var mu sync.Mutex
	var caught []string
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	canary := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { //nolint:gosec // ends with the test
		mu.Lock()
		defer mu.Unlock()
		caught = append(caught, r.Method+" "+r.Host+" "+r.Header.Get("Authorization"))
		http.Error(w, "caught", http.StatusBadGateway)
	})}
	go func() { _ = canary.Serve(listener) }()
	t.Cleanup(func() { _ = canary.Close() })
	trap := "http://" + listener.Addr().String()

	home := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(home, ".aws"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(home, ".aws", "config"), []byte("[default]\nregion = eu-west-1\nendpoint_url = "+trap+"\n[profile real]\nregion = eu-west-1\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(home, ".aws", "credentials"), []byte("[default]\naws_access_key_id = AKIAREALKEY\naws_secret_access_key = real\n"), 0o600))
	env := append(os.Environ(), "HOME="+home, "XDG_STATE_HOME="+filepath.Join(home, "state"), "XDG_CACHE_HOME="+filepath.Join(home, "cache"))
	binary := filepath.Join(home, "labctl")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput() //nolint:gosec // builds this package
	require.NoError(t, err, string(out))
	labctl := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), binary, args...)
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "labctl %v: %s", args, out)
		return string(out)
	}
	t.Cleanup(func() {
		cmd := exec.Command(binary, "local", "stop", "--force") //nolint:noctx // after the test's context
		cmd.Env = env
		_ = cmd.Run()
	})
	labctl("local", "start") // installs moto where it is missing, which is no call to AWS
	env = append(env,
		"AWS_ACCESS_KEY_ID=AKIAREALKEY", "AWS_SECRET_ACCESS_KEY=real", "AWS_SESSION_TOKEN=real", "AWS_PROFILE=real",
		"AWS_ENDPOINT_URL="+trap, "AWS_ENDPOINT_URL_STS="+trap, "AWS_ENDPOINT_URL_S3="+trap, "AWS_CONTAINER_CREDENTIALS_FULL_URI="+trap,
		"AWS_EC2_METADATA_SERVICE_ENDPOINT="+trap, "TF_VAR_endpoint=", "TF_CLI_ARGS_apply=-var endpoint=",
	)
	if !mirrored() {
		t.Log("Terraform has to get its provider from the registry: the proxies are left as they are")
	} else {
		env = append(env, proxiesTo(trap)...)
	}
	up := labctl("up", "iam", "--run", "alone")
	assert.Contains(t, up, "target local")
	for _, command := range []string{"check iam", "status", "snapshot", "doctor", "down iam"} {
		labctl(strings.Fields(command)...)
	}
	mu.Lock()
	defer mu.Unlock()
	assert.Empty(t, caught)
}

// mirrored tells whether the provider is on this machine.
func mirrored() bool {
	for _, dir := range tf.DefaultMirrors(os.Getenv) {
		if _, err := os.Stat(filepath.Join(dir, "registry.terraform.io", "hashicorp", "aws")); err == nil {
			return true
		}
	}
	return false
}

func proxiesTo(trap string) (env []string) {
	for _, proxy := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"} {
		env = append(env, proxy+"="+trap)
	}
	return env
}
