package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"labctl/checks/report"
	"labctl/labs"
	"labctl/runner"
	"labctl/runner/target"
)

type checkOptions struct {
	app     *app
	lab     string
	run     string
	tag     string
	place   target.Place
	only    []string
	output  string
	verbose bool
	watch   bool
	wait    time.Duration
}

func newCheck(a *app) *cobra.Command {
	o := &checkOptions{app: a}
	cmd := &cobra.Command{
		Use:   "check LAB",
		Short: "Judge what exists now against what the scenario demands",
		Long: `Judge the live architecture against the lab's properties. By default that is the
lab's run; with --tag it is whatever carries the tag, however it was built, as long as
its resources carry labctl:role tags (see ` + "`labctl show LAB`" + `).`,
		Example: `  labctl check networking
  labctl check networking --only net-data-isolated,net-edge-443
  labctl check networking --tag project=my-vpc --output markdown
  labctl check networking --watch`,
		Args:              oneLab(a),
		ValidArgsFunction: a.completeLab,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.lab = args[0]
			return o.do(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.run, "run", "", "name of the run (default: the lab's only run)")
	flags.StringVar(&o.tag, "tag", "", "judge what carries the tag Key=Value instead of a run")
	flags.StringSliceVar(&o.only, "only", nil, "ids of the checks to run, separated by commas")
	flags.BoolVarP(&o.watch, "watch", "w", false, "judge again every few seconds until all properties hold or Ctrl-C")
	flags.DurationVar(&o.wait, "wait", 0, "how long a property may take to come true, for an account that is still settling")
	addPlace(cmd, &o.place)
	addOutput(cmd, &o.output, &o.verbose)
	complete(cmd, "run", a.completeRun)
	complete(cmd, "only", a.completeOnly)
	exclusive(cmd, "run", "tag")
	return cmd
}

func (o *checkOptions) do(ctx context.Context) error {
	lab, options, err := o.parse()
	if err != nil {
		return err
	}
	progress := o.app.streams.Progress()
	defer progress.Close()
	emit := progress.Emit
	if o.watch {
		emit = func(runner.Event) {} // a look every few seconds: only what changes is worth a line
	}
	r, err := o.app.runner("", emit)
	if err != nil {
		return err
	}
	if o.watch {
		return o.watchUntilPass(ctx, r, lab, options)
	}
	return o.once(ctx, r, lab, options)
}

func (o *checkOptions) parse() (labs.Lab, runner.CheckOptions, error) {
	lab, err := o.app.lab(o.lab)
	if err != nil {
		return lab, runner.CheckOptions{}, err
	}
	if err := validPlace(&o.place); err != nil {
		return lab, runner.CheckOptions{}, err
	}
	if err := validOutput(o.output); err != nil {
		return lab, runner.CheckOptions{}, err
	}
	if o.wait < 0 {
		return lab, runner.CheckOptions{}, &usageError{err: fmt.Errorf("--wait %s: a time to wait is not negative", o.wait)}
	}
	options := runner.CheckOptions{Lab: lab, Run: o.run, Place: o.place, Only: o.only, Settle: o.wait}
	if o.tag != "" {
		scope, err := parseTag(o.tag)
		if err != nil {
			return lab, options, err
		}
		options.Tag = &scope
	}
	return lab, options, nil
}

func (o *checkOptions) once(ctx context.Context, r *runner.Runner, lab labs.Lab, options runner.CheckOptions) error {
	outcome, err := r.Check(ctx, options)
	if err != nil {
		return err
	}
	scope := runner.TagRun + "=" + outcome.Run.ID
	if options.Tag != nil {
		scope = options.Tag.String()
	}
	return o.app.show(report.Format(o.output), o.verbose, document(lab, outcome, scope), outcome.Report)
}

// watchPause is the time between two looks of --watch.
const watchPause = 3 * time.Second

// watchUntilPass prints a report whenever the outcome of a check changes, so that a learner who repairs by hand sees
// what each step does.
func (o *checkOptions) watchUntilPass(ctx context.Context, r *runner.Runner, lab labs.Lab, options runner.CheckOptions) error {
	before := ""
	for {
		outcome, err := r.Check(ctx, options)
		if err != nil {
			return err
		}
		now := ""
		for _, result := range outcome.Report.Results {
			now += fmt.Sprintf("%s=%s %q\n", result.Check.ID, result.Finding.Status, result.Finding.Found)
		}
		if now != before {
			before = now
			scope := runner.TagRun + "=" + outcome.Run.ID
			if options.Tag != nil {
				scope = options.Tag.String()
			}
			err := o.app.show(report.Format(o.output), o.verbose, document(lab, outcome, scope), outcome.Report)
			if err == nil {
				return nil
			}
			if exitCode(err) != exitFail && exitCode(err) != exitUndecided {
				return err
			}
			fmt.Fprintf(o.app.streams.Err, "%s Watching for changes; Ctrl-C ends it.\n", time.Now().Format("15:04:05"))
		}
		select {
		case <-ctx.Done():
			return &runner.InterruptedError{Doing: "watching", Err: ctx.Err()}
		case <-time.After(watchPause):
		}
	}
}
