package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"labctl/runner"
	"labctl/runner/journal"
	"labctl/runner/target"
)

// sweepOptions is what `labctl sweep` works with.
type sweepOptions struct {
	app *app
	runner.SweepOptions
	yes    bool
	output string

	incomplete bool // not all could be read: what was not found may be there
}

func newSweep(a *app) *cobra.Command {
	o := &sweepOptions{app: a}
	cmd := &cobra.Command{
		Use:   "sweep",
		Short: "List what labctl has made in an account, with a record or without, and delete it",
		Long: `List everything in the account that is labctl's, also where the record of its run is
lost: what carries labctl's tags, what lives in a VPC that does, and, of what cannot
carry tags and of the runs that this machine has records of, what bears a run's name.
All regions in use are read: the one given, those of the recorded runs, and on AWS each
in which something carries the tag.

Nothing is deleted without --yes. With it exactly that list is, in the order that its
parts depend on each other, and labctl waits until it is gone and reads again. What
refuses is listed with the reason (exit code 3). A run that another labctl works on is
left alone (exit code 5). The record of a run goes to the archive when nothing of it is left.`,
		Example: "  labctl sweep\n  labctl sweep --expired --yes\n  labctl sweep --run networking-k3f9 --yes",
		Args:    atMost(0),
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.do(cmd.Context()) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Run, "run", "", "only what is of this run (default: of every run)")
	flags.BoolVar(&o.Expired, "expired", false, "only runs that are past their deadline")
	flags.BoolVar(&o.yes, "yes", false, "delete what is listed")
	addPlace(cmd, &o.Place)
	addTextOrJSON(cmd, &o.output)
	complete(cmd, "run", a.completeRun)
	return cmd
}

func (o *sweepOptions) do(ctx context.Context) error {
	if err := errors.Join(validTextOrJSON(o.output), validPlace(&o.Place)); err != nil {
		return err
	}
	if o.Run != "" {
		if err := journal.ValidID(o.Run); err != nil {
			return &usageError{err: err}
		}
	}
	var remains runner.Remains
	err := o.work(func(r *runner.Runner) (err error) {
		remains, err = r.Remains(ctx, o.SweepOptions)
		return err
	})
	var lost *target.LostError
	switch {
	case errors.As(err, &lost) && o.Place.Name == target.Local: // what it held was in its memory
		return o.nothingThere(lost)
	case err != nil:
		o.incomplete = true
		return errors.Join(o.show(remains, nil), notSwept(err, remains, o.yes))
	case !o.yes || len(remains.Resources) == 0:
		return o.show(remains, nil)
	}
	if o.output == "text" {
		o.list(remains)
	}
	var swept runner.Swept
	err = o.work(func(r *runner.Runner) (err error) {
		swept, err = r.Sweep(ctx, remains)
		return err
	})
	return errors.Join(o.show(remains, &swept), err)
}

// work shows what is being done, and only that: answers are printed before and after.
func (o *sweepOptions) work(do func(*runner.Runner) error) error {
	progress := o.app.streams.Progress()
	defer progress.Close()
	r, err := o.app.runner("", progress.Emit)
	if err != nil {
		return err
	}
	return do(r)
}

// notSwept adds to the error of an incomplete list what follows from it.
func notSwept(err error, remains runner.Remains, yes bool) error {
	if !yes || remains.Target.Account == "" {
		return err
	}
	return fmt.Errorf("nothing was deleted, since the list may be incomplete: %w", err)
}

// show prints a list, or how a sweep ended.
func (o *sweepOptions) show(remains runner.Remains, swept *runner.Swept) error {
	switch {
	case remains.Target.Account == "":
		return nil // it was not reached: the error says why
	case o.output == "json":
		return o.json(remains, swept)
	case o.incomplete && len(remains.Resources) == 0:
		return nil // nothing was found, and that says nothing
	case swept == nil:
		o.list(remains)
		o.next(remains)
	default:
		o.tell(remains, *swept)
	}
	return nil
}

func (o *sweepOptions) nothingThere(lost *target.LostError) error {
	if o.output == "json" {
		return o.json(runner.Remains{}, nil)
	}
	fmt.Fprintf(o.app.streams.Out, "Nothing to sweep: %v, and what it held is gone with it.\n", lost)
	return nil
}
