package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"labctl/checks/report/typeset"
	"labctl/cmd/labctl/terminal"
	"labctl/labs"
	"labctl/labs/catalogue"
	"labctl/runner"
	"labctl/runner/accounts"
	"labctl/runner/journal"
	"labctl/runner/price"
	"labctl/runner/target"
	"labctl/runner/target/local"
	"labctl/runner/target/localstack"
)

// app is what commands share: the process's surroundings, and the parts wired from them on demand.
type app struct {
	streams *terminal.Streams
	getenv  func(string) string
	environ []string
	labs    []labs.Lab
	args    []string // as typed, for those whom a lock keeps out
}

// run is the whole program but for the exit.
func run(args []string, streams *terminal.Streams, getenv func(string) string, environ []string) int {
	a := &app{streams: streams, getenv: getenv, environ: environ, labs: catalogue.All(), args: args}
	ctx, stop := a.untilInterrupted(context.Background())
	defer stop()
	root := newRoot(a)
	root.SetArgs(args)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	root.SetIn(streams.In)
	cmd, err := root.ExecuteContextC(ctx)
	code := a.exit(err)
	a.remindOfExpired(cmd)
	return code
}

// stateDir is where the journal and the local server's record are: the user's state directory.
func (a *app) stateDir() (string, error) { return a.userDir("XDG_STATE_HOME", ".local/state") }

// cacheDir is where labctl keeps what it can get again: Terraform, providers, the virtual environment.
func (a *app) cacheDir() (string, error) { return a.userDir("XDG_CACHE_HOME", ".cache") }

func (a *app) userDir(variable, below string) (string, error) {
	if dir := a.getenv(variable); filepath.IsAbs(dir) {
		return filepath.Join(dir, "labctl"), nil
	}
	if home := a.getenv("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, below, "labctl"), nil
	}
	return "", &runner.HintedError{Err: errors.New("no home directory: HOME is not set"), Next: "set HOME or " + variable}
}

// local is the manager of the local AWS.
func (a *app) local(progress func(string)) (*local.Manager, error) {
	state, err := a.stateDir()
	if err != nil {
		return nil, err
	}
	cache, err := a.cacheDir()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding labctl's own executable: %w", err)
	}
	return local.NewManager(local.Options{
		StateDir:   filepath.Join(state, "local"),
		CacheDir:   cache,
		Supervisor: []string{self, "local", "supervise"},
		Env:        a.environ,
		Progress:   progress,
	}), nil
}

func (a *app) journal() (*journal.Journal, error) {
	state, err := a.stateDir()
	if err != nil {
		return nil, err
	}
	return journal.Open(state), nil
}

// configDir is where the list of accounts is: the user's configuration directory.
func (a *app) configDir() (string, error) { return a.userDir("XDG_CONFIG_HOME", ".config") }

func (a *app) accounts() (*accounts.List, error) {
	dir, err := a.configDir()
	if err != nil {
		return nil, err
	}
	return accounts.Open(dir), nil
}

func (a *app) localStack(progress func(string)) (*localstack.Manager, error) {
	state, err := a.stateDir()
	if err != nil {
		return nil, err
	}
	return localstack.NewManager(localstack.Options{StateDir: state, Docker: "docker", Environ: a.environ, Progress: progress}), nil
}

func (a *app) targets(progress func(string)) (target.Resolver, error) {
	server, err := a.local(progress)
	if err != nil {
		return target.Resolver{}, err
	}
	stack, err := a.localStack(progress)
	if err != nil {
		return target.Resolver{}, err
	}
	return target.Resolver{Local: server, LocalStack: stack, LoadAWS: config.LoadDefaultConfig, Environ: a.environ}, nil
}

// runner wires a runner whose events go to emit.
func (a *app) runner(terraform string, emit func(runner.Event)) (*runner.Runner, error) {
	cache, err := a.cacheDir()
	if err != nil {
		return nil, err
	}
	records, err := a.journal()
	if err != nil {
		return nil, err
	}
	targets, err := a.targets(func(text string) { emit(runner.Note{Text: text}) })
	if err != nil {
		return nil, err
	}
	allowed, err := a.accounts()
	if err != nil {
		return nil, err
	}
	return runner.New(runner.Settings{
		Labs: a.labs, Journal: records, Targets: targets, Allowed: allowed, Confirm: noConfirm, Prices: price.AWS(),
		CacheDir: cache, Terraform: terraform, Getenv: a.getenv, Environ: a.environ, Version: version(),
		Command: strings.Join(append([]string{"labctl"}, a.args...), " "), Emit: emit,
	}), nil
}

// quietRunner is a runner for commands that are done in a moment: of what happens only notes and warnings are shown.
func (a *app) quietRunner() (*runner.Runner, error) {
	return a.runner("", func(event runner.Event) {
		switch e := event.(type) {
		case runner.Note:
			fmt.Fprintln(a.streams.Err, typeset.Line(e.Text))
		case runner.Warning:
			fmt.Fprintln(a.streams.Err, a.streams.Warn("Warning:"), typeset.Line(e.Text))
		}
	})
}

// lab finds a lab by the name that the user typed.
func (a *app) lab(id string) (labs.Lab, error) {
	ids := make([]string, len(a.labs))
	for i, lab := range a.labs {
		if lab.ID == id {
			return lab, nil
		}
		ids[i] = lab.ID
	}
	return labs.Lab{}, runner.Unknown("lab", id, ids)
}

// oneOf says which value is nearest when a flag's value is none of the valid ones.
func oneOf(kind, value string, valid []string) error {
	for _, v := range valid {
		if v == value {
			return nil
		}
	}
	return runner.Unknown(kind, value, valid)
}

// version is the module's version, or the commit that an untagged build came from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return "devel-" + setting.Value[:min(12, len(setting.Value))]
		}
	}
	return "devel"
}

func rounded(d time.Duration) string {
	switch {
	case d < time.Minute:
		return d.Round(time.Second).String()
	case d < time.Hour:
		return strings.TrimSuffix(d.Round(time.Second).String(), "0s")
	case d < 48*time.Hour:
		return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
	default:
		return fmt.Sprintf("%dd", int(d.Hours()/24))
	}
}
