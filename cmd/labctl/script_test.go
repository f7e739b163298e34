package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"labctl/cmd/labctl/terminal"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"labctl":          func() { os.Exit(run(os.Args[1:], terminal.System(), os.Getenv, os.Environ())) },
		"fake-localstack": func() { os.Exit(fakeLocalStack(os.Args[1])) },
	})
}

// TestCommandsThatNeedNoServer runs the scripts of what labctl says and does without a target.
func TestCommandsThatNeedNoServer(t *testing.T) { runScripts(t, "offline") }

// TestCommandsOnTheLocalAWS runs the scripts that provision for real.
func TestCommandsOnTheLocalAWS(t *testing.T) {
	if testing.Short() {
		t.Skip("provisions with Terraform on the local AWS")
	}
	t.Parallel()
	runScripts(t, "local")
}

// runScripts gives each script a home of its own, and the machine's caches where filling them again proves nothing.
func runScripts(t *testing.T, folder string) {
	t.Helper()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script", folder),
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, "home")
			env.Setenv("HOME", home)
			labctl, err := exec.LookPath("labctl") // for scripts that take PATH away
			if err != nil {
				return err
			}
			env.Setenv("LABCTL", labctl)
			env.Setenv("XDG_STATE_HOME", filepath.Join(home, "state"))
			env.Setenv("XDG_CACHE_HOME", filepath.Join(home, "cache"))
			// What a user may have set, and what must not disturb labctl.
			env.Setenv("TF_CLI_CONFIG_FILE", filepath.Join(home, "no-such-file.tfrc"))
			env.Setenv("TF_VAR_run", "somebody-elses")
			env.Setenv("AWS_CA_BUNDLE", filepath.Join(home, "no-such-bundle.pem"))
			env.Setenv("AWS_PROFILE", "no-such-profile")
			env.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
			env.Defer(func() { stopServer(env) })
			return os.MkdirAll(home, 0o755)
		},
	})
}

// stopServer ends the local AWS that a script that failed half way may have left.
func stopServer(env *testscript.Env) {
	streams := &terminal.Streams{In: nil, Out: os.Stderr, Err: os.Stderr}
	a := &app{streams: streams, getenv: env.Getenv, environ: env.Vars}
	manager, err := a.local(func(string) {})
	if err == nil {
		_, err = manager.Stop(context.Background())
	}
	if err != nil {
		env.T().Log("stopping the local AWS: ", err)
	}
}
