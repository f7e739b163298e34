package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/spf13/cobra"

	"labctl/checks/report/typeset"
	"labctl/runner/journal"
	"labctl/runner/target"
	"labctl/runner/target/local"
	"labctl/runner/tf"
)

// finding is one line of `labctl doctor`.
type finding struct {
	What   string `json:"what"`
	Level  string `json:"level"` // ok, note (nothing to do) or problem (labs cannot run)
	Detail string `json:"detail"`
	Do     string `json:"do,omitempty"`
}

// The levels of a finding.
const (
	levelOK      = "ok"
	levelNote    = "note"
	levelProblem = "problem"
)

func newDoctor(a *app) *cobra.Command {
	var output, terraform string
	var place target.Place
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Tell what is installed, found and reachable, and what to do about the rest",
		Long: `Look at what labs need on this machine and say what to do about what is missing.
Nothing is installed or changed. Exit code 3 says that labs cannot run as it is.
With --target it looks at what that target needs too: Docker, an address, credentials.`,
		Example: "  labctl doctor\n  labctl doctor --target aws --profile sandbox",
		Args:    atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := validTextOrJSON(output); err != nil {
				return err
			}
			if err := validPlace(&place); err != nil {
				return err
			}
			findings := append(a.examine(cmd.Context(), terraform), a.examineTarget(cmd.Context(), place)...)
			if output == "json" {
				if err := a.printJSON(map[string]any{"findings": findings}); err != nil {
					return err
				}
			} else {
				a.doctorText(findings)
			}
			for _, f := range findings {
				if f.Level == levelProblem {
					return &verdictError{verdict: "error"}
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&terraform, "terraform", "", "Terraform binary to look at")
	addPlace(cmd, &place)
	addTextOrJSON(cmd, &output)
	return cmd
}

func (a *app) examine(ctx context.Context, terraform string) []finding {
	findings := []finding{a.examineDir("state directory", a.stateDir), a.examineDir("cache directory", a.cacheDir)}
	findings = append(findings, a.examineTerraform(ctx, terraform), a.examineProviders())
	findings = append(findings, a.examineLocal(ctx)...)
	return append(findings, a.examineJournal(), examineCLI(a.getenv("PATH")))
}

func (a *app) examineDir(what string, find func() (string, error)) finding {
	f := finding{What: what, Level: levelProblem}
	dir, err := find()
	if err != nil {
		f.Detail, f.Do = err.Error(), "set HOME to a directory that you may write"
		return f
	}
	if err := journal.Writable(dir); err != nil {
		f.Detail, f.Do = err.Error(), "make it writable, or free some space"
		return f
	}
	return finding{What: what, Level: levelOK, Detail: dir}
}

func (a *app) examineTerraform(ctx context.Context, explicit string) finding {
	cache, _ := a.cacheDir() // a missing one has a line of its own
	binary, err := tf.Probe(ctx, tf.FindOptions{Explicit: explicit, Env: a.getenv(tf.BinaryVariable), Path: a.getenv("PATH"), CacheDir: cache})
	switch {
	case errors.Is(err, tf.ErrNoBinary):
		return finding{What: "Terraform", Level: levelNote, Detail: err.Error(), Do: "nothing: `labctl up` installs Terraform " + tf.PinnedVersion + " into its cache, which needs the internet once"}
	case err != nil:
		return finding{What: "Terraform", Level: levelProblem, Detail: err.Error(), Do: "name a Terraform " + tf.VersionRange + " with --terraform or " + tf.BinaryVariable + ", or none"}
	}
	return finding{What: "Terraform", Level: levelOK, Detail: fmt.Sprintf("%s (%s, from %s)", binary.Version, binary.Path, binary.Source)}
}

func (a *app) examineProviders() finding {
	for _, dir := range tf.DefaultMirrors(a.getenv) {
		if _, err := os.Stat(filepath.Join(dir, "registry.terraform.io", "hashicorp", "aws")); err == nil {
			return finding{What: "AWS provider", Level: levelOK, Detail: "in the local mirror " + dir}
		}
	}
	return finding{What: "AWS provider", Level: levelNote, Detail: "no local mirror holds it", Do: "nothing: Terraform downloads it once into labctl's cache; " + tf.MirrorVariable + " names a mirror"}
}

func (a *app) examineLocal(ctx context.Context) []finding {
	manager, err := a.local(a.tellProgress)
	if err != nil {
		return nil // the directories' lines say it
	}
	ground := finding{What: "Python and moto", Level: levelOK}
	switch p := manager.Probe(ctx); {
	case p.Problem != nil:
		ground.Level, ground.Detail, ground.Do = levelProblem, p.Problem.Error(), "install Python 3.10 or newer with its venv module"
	case p.MotoVersion == "":
		ground.Level, ground.Detail = levelNote, fmt.Sprintf("Python %s (%s), without moto", p.PythonVersion, p.Python)
		ground.Do = "nothing: the first `labctl up` makes a virtual environment with moto in labctl's cache"
	case !p.Corrected:
		ground.Level = levelNote
		ground.Detail = fmt.Sprintf("moto %s in %s, for which labctl has no corrections", p.MotoVersion, p.Python)
		ground.Do = "install python3-venv, so that labctl can make an environment with the right version"
	default:
		ground.Detail = fmt.Sprintf("moto %s with Python %s (%s)", p.MotoVersion, p.PythonVersion, p.Python)
	}
	server := finding{What: "local AWS", Level: levelOK}
	info, err := manager.Status(ctx)
	switch {
	case err != nil:
		server.Level, server.Detail, server.Do = levelProblem, err.Error(), "see `labctl local logs`"
	case info.State == local.StateRunning:
		server.Detail = fmt.Sprintf("running at %s with %s", info.Endpoint, typeset.Count(len(info.Corrections), "correction"))
	case info.State == local.StateDied:
		server.Level, server.Detail = levelNote, "died; what it held is lost. "+info.Detail
		server.Do = "see `labctl local logs`; `labctl down --all` clears the records"
	case info.State == local.StateUnresponsive:
		server.Level, server.Detail, server.Do = levelProblem, info.Detail, "`labctl local stop --force` ends it; what it holds is lost"
	default:
		server.Detail = "not running; it starts by itself when a lab needs it"
	}
	return []finding{ground, server}
}

func (a *app) examineJournal() finding {
	records, err := a.journal()
	if err != nil {
		return finding{What: "journal", Level: levelProblem, Detail: err.Error(), Do: "set HOME"}
	}
	runs, err := records.List()
	if err != nil {
		return finding{What: "journal", Level: levelProblem, Detail: err.Error(), Do: "repair the record, or move its directory away once you know that nothing of the run is left"}
	}
	return finding{What: "journal", Level: levelOK, Detail: typeset.Count(len(runs), "run")}
}

func examineCLI(path string) finding {
	for _, dir := range filepath.SplitList(path) {
		if found, err := exec.LookPath(filepath.Join(dir, "aws")); err == nil {
			return finding{What: "AWS CLI", Level: levelOK, Detail: found}
		}
	}
	return finding{What: "AWS CLI", Level: levelNote, Detail: "not found", Do: "nothing: labs do without it, but looking around by hand is easier with it"}
}

func (a *app) doctorText(findings []finding) {
	s := a.streams
	mark := map[string]string{levelOK: s.Good("ok     "), levelNote: s.Warn("note   "), levelProblem: s.Bad("PROBLEM")}
	for _, f := range findings {
		fmt.Fprintf(s.Out, "%s  %-16s %s\n", mark[f.Level], f.What, typeset.Line(f.Detail))
		if f.Do != "" {
			fmt.Fprintf(s.Out, "%27s%s\n", "-> ", f.Do)
		}
	}
}
