package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"labctl/checks/report/typeset"
	"labctl/labs"
	"labctl/runner"
)

type emitOptions struct {
	app    *app
	lab    string
	run    string
	output string
	labs.Emission
}

func newEmit(a *app) *cobra.Command {
	o := &emitOptions{app: a}
	cmd := &cobra.Command{
		Use:   "emit LAB",
		Short: "Write what the lab's application would write: logs and traces",
		Long: `Write the log lines and the traces of an application that is used, so that you can watch
what the lab's metrics and alarms make of them. Lines and trace of a request share one id.
One request in twenty is traced.

By default the traffic comes as it would: ten minutes of it take ten minutes, or ten seconds
on a local AWS that was started with ` + "`labctl local start --speed 60`" + `. With --at-once the
minutes that are over now are written at once: alarms look at windows that end now, and see
them. The same seed gives the same requests, but for their time. Once it ends, nothing is heard
of the application, which is an incident of its own.

` + profiles(a.labs),
		Example: `  labctl emit observability --profile outage
  labctl emit observability --profile leak --minutes 60 --at-once
  labctl emit observability --profile slow --minutes 20 --seed 7`,
		Args:              oneLab(a),
		ValidArgsFunction: a.completeLab,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.lab = args[0]
			return o.do(cmd.Context(), cmd.Flags().Changed)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.run, "run", "", "name of the run (default: the lab's only run)")
	flags.StringVar(&o.Profile, "profile", "", "kind of traffic (default: healthy)")
	flags.IntVar(&o.Minutes, "minutes", 0, "how many minutes of traffic (default: 10)")
	flags.IntVar(&o.Rate, "rate", 0, "requests a minute (default: 120)")
	flags.Uint64Var(&o.Seed, "seed", 1, "make the same requests as everybody with this number")
	flags.BoolVar(&o.AtOnce, "at-once", false, "write the minutes that are over now, at once")
	addTextOrJSON(cmd, &o.output)
	complete(cmd, "run", a.completeRun)
	complete(cmd, "profile", a.completeProfile)
	return cmd
}

// profiles lists the profiles of the labs that have any, for the help.
func profiles(all []labs.Lab) string {
	var b strings.Builder
	for _, lab := range all {
		if lab.Traffic == nil {
			continue
		}
		fmt.Fprintf(&b, "Profiles of %s:\n", lab.ID)
		for _, p := range lab.Traffic.Profiles {
			for n, line := range typeset.Wrap(p.Text, 76) {
				name := ""
				if n == 0 {
					name = p.Name
				}
				fmt.Fprintf(&b, "  %-9s%s\n", name, line)
			}
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

func (a *app) completeProfile(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	lab, ok := a.firstLab(args)
	if !ok || lab.Traffic == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var found []string
	for _, p := range lab.Traffic.Profiles {
		found = append(found, cobra.CompletionWithDesc(p.Name, p.Text))
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}

func (o *emitOptions) do(ctx context.Context, given func(flag string) bool) error {
	lab, err := o.app.lab(o.lab)
	if err != nil {
		return err
	}
	if err := validTextOrJSON(o.output); err != nil {
		return err
	}
	if lab.Traffic != nil {
		o.defaults(*lab.Traffic, given)
	}
	if err := runner.ValidEmission(lab, o.Emission); err != nil {
		return err
	}
	emitted, err := o.write(ctx, lab)
	if emitted.Requests > 0 || err == nil {
		o.tell(emitted)
	}
	return err
}

// defaults fills in what was not given.
func (o *emitOptions) defaults(t labs.Traffic, given func(flag string) bool) {
	if !given("profile") {
		o.Profile = t.Profiles[0].Name
	}
	if !given("minutes") {
		o.Minutes = t.Minutes.Default
	}
	if !given("rate") {
		o.Rate = t.Rate.Default
	}
}

func (o *emitOptions) write(ctx context.Context, lab labs.Lab) (runner.Emitting, error) {
	progress := o.app.streams.Progress()
	defer progress.Close()
	r, err := o.app.runner("", progress.Emit)
	if err != nil {
		return runner.Emitting{}, err
	}
	return r.EmitTraffic(ctx, runner.EmitOptions{Lab: lab, Run: o.run, Emission: o.Emission})
}

// tell says what was written, also where that was less than asked for.
func (o *emitOptions) tell(e runner.Emitting) {
	s := o.app.streams
	if o.output == "json" {
		_ = o.app.printJSON(emittedJSON(o.Emission, e)) // an error of writing is the next one's too
		return
	}
	fmt.Fprintf(s.Out, "Wrote to run %s: %s requests, %s of them failed; %s log lines, %s traces (%s to %s).\n", s.Strong(e.Run.ID),
		grouped(e.Requests), grouped(e.Failed), grouped(e.Lines), grouped(e.Traces), e.From.UTC().Format("2006-01-02 15:04:05"), e.To.UTC().Format("15:04:05 UTC"))
	if e.Missing != "" {
		fmt.Fprintln(s.Out, indented("  ", "Left out: "+e.Missing, s.OutWidth()))
	}
	if !e.Evaluated {
		fmt.Fprintln(s.Out, indented("  ", "Alarms are not evaluated here: what becomes of it cannot be watched.", s.OutWidth()))
	}
	fmt.Fprintf(s.Err, "\n%s\n", s.Strong("Look what became of it"))
	for _, suggestion := range e.Next {
		command := suggestion.Command
		if rest, ok := strings.CutPrefix(command, "aws "); ok {
			command = awsCommand(e.Target) + " " + rest
		}
		fmt.Fprintf(s.Err, "  # %s\n  %s\n", suggestion.Question, command)
	}
}

// grouped writes a number with its thousands apart.
func grouped(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func emittedJSON(e labs.Emission, out runner.Emitting) any {
	return struct {
		Run      string `json:"run"`
		Target   string `json:"target"`
		Profile  string `json:"profile"`
		Seed     uint64 `json:"seed"`
		From     string `json:"from"`
		To       string `json:"to"`
		Requests int    `json:"requests"`
		Failed   int    `json:"failed"`
		Lines    int    `json:"lines"`
		Traces   int    `json:"traces"`
		Missing  string `json:"missing,omitempty"`
	}{
		out.Run.ID, out.Run.Target, e.Profile, e.Seed, out.From.UTC().Format(time.RFC3339), out.To.UTC().Format(time.RFC3339),
		out.Requests, out.Failed, out.Lines, out.Traces, out.Missing,
	}
}
