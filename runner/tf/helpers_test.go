package tf

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// realTerraform finds the Terraform of this machine; without one, or with -short, the test is skipped.
func realTerraform(t *testing.T) Binary {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the real Terraform")
	}
	b, err := Probe(t.Context(), FindOptions{Path: os.Getenv("PATH"), CacheDir: t.TempDir()})
	if err != nil {
		t.Skipf("no Terraform: %v", err)
	}
	return b
}

// newWorkspace makes a workspace with one configuration file and the test's own cache. Mirrors are the machine's.
func newWorkspace(t *testing.T, config string, change ...func(*Options)) *Workspace {
	t.Helper()
	o := Options{Dir: t.TempDir(), Binary: realTerraform(t), CacheDir: t.TempDir(), Local: true, Mirrors: DefaultMirrors(os.Getenv)}
	for _, c := range change {
		c(&o)
	}
	writeTest(t, filepath.Join(o.Dir, "main.tf"), config)
	w, err := New(o)
	require.NoError(t, err)
	return w
}

func initialised(t *testing.T, config string, change ...func(*Options)) *Workspace {
	t.Helper()
	w := newWorkspace(t, config, change...)
	require.NoError(t, w.Init(t.Context()))
	return w
}

func writeTest(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
}

func readTest(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(data)
}

// fakeTerraform is a shell script that answers `version -json` with a version and everything else with body.
func fakeTerraform(t *testing.T, dir, version, body string) string {
	t.Helper()
	name := filepath.Join(dir, "terraform")
	script := "#!/bin/sh\nif [ \"$1\" = version ]; then echo '{\"terraform_version\":\"" + version + "\"}'; exit 0; fi\n" + body + "\n"
	writeTest(t, name, script)
	require.NoError(t, os.Chmod(name, 0o755))
	return name
}

// fakeWorkspace is a workspace whose Terraform is a script.
func fakeWorkspace(t *testing.T, body string) *Workspace {
	t.Helper()
	path := fakeTerraform(t, t.TempDir(), "1.11.4", body)
	w, err := New(Options{Dir: t.TempDir(), Binary: Binary{Path: path, Version: "1.11.4"}, CacheDir: t.TempDir(), Local: true})
	require.NoError(t, err)
	return w
}

// awsConfig is a configuration for the AWS provider with the settings for a local target. It skips the test where no
// mirror holds the provider.
func awsConfig(t *testing.T, resources string) (config string, change func(*Options)) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts the real provider")
	}
	aws := Provider{Source: "registry.terraform.io/hashicorp/aws", Version: "5.100.0"}
	if _, ok := FindProvider(DefaultMirrors(os.Getenv), aws); !ok {
		t.Skip("no mirror on this machine holds the AWS provider")
	}
	if runtime.GOOS+"_"+runtime.GOARCH != "linux_amd64" && runtime.GOOS+"_"+runtime.GOARCH != "darwin_arm64" {
		t.Skip("the test's lock file has no checksum of the unpacked provider for this platform")
	}
	return `
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" {
  region                      = "eu-central-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  max_retries                 = 2
}
` + resources, func(o *Options) { writeTest(t, filepath.Join(o.Dir, lockFileName), awsLock) }
}

// awsLock pins the provider with the checksums of the unpacked packages only.
const awsLock = `provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.100.0"
  constraints = "5.100.0"
  hashes = [
    "h1:Ijt7pOlB7Tr7maGQIqtsLFbl7pSMIj06TVdkoSBcYOw=",
    "h1:edXOJWE4ORX8Fm+dpVpICzMZJat4AX0VRCAy/xkcOc0=",
  ]
}
`

// awsEnv is what a target gives the provider.
func awsEnv(endpoint string) map[string]string {
	return map[string]string{"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
}

// endpoint serves one answer to every call.
func endpoint(t *testing.T, answer http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		answer(rw, r)
	}))
	t.Cleanup(server.Close)
	return server
}

// lockState holds the lock of a state file from another process, as a running Terraform does, until the test ends.
func lockState(t *testing.T, w *Workspace) (pid int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestHelperLock$")
	cmd.Env = append(os.Environ(), "LABCTL_TEST_LOCK="+filepath.Join(w.dir, stateName))
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { stdin.Close(); _ = cmd.Wait() })
	_, err = stdout.Read(make([]byte, 1))
	require.NoError(t, err)
	return cmd.Process.Pid
}

// until polls for a condition that another process makes true.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, 20*time.Second, 10*time.Millisecond, what)
}

// cancelOn returns a context and an event handler that cancels it at the first event that matches.
func cancelOn(t *testing.T, matches func(Event) bool) (context.Context, func(Event)) {
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	return ctx, func(e Event) {
		if matches(e) {
			cancel()
		}
	}
}
