package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"labctl/runner"
)

type downOptions struct {
	app       *app
	lab       string
	run       string
	all       bool
	parallel  int
	terraform string
}

func newDown(a *app) *cobra.Command {
	o := &downOptions{app: a}
	cmd := &cobra.Command{
		Use:   "down {LAB | --all}",
		Short: "Remove a run, and prove that nothing of it is left",
		Long: `Remove everything that a run made: with Terraform what Terraform knows of, then by
reading the account what it does not. The record of the run is kept until the account
shows that nothing is left. Works from every state, also after an interrupt or a crash.`,
		Example:           "  labctl down networking\n  labctl down --all",
		Args:              labOrAll(a, &o.all, &o.parallel, "every run"),
		ValidArgsFunction: a.completeLab,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.all {
				return o.doAll(cmd.Context())
			}
			o.lab = args[0]
			return o.do(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.run, "run", "", "name of the run (default: the lab's only run)")
	addAll(cmd, &o.all, &o.parallel, "remove every run, several side by side")
	flags.StringVar(&o.terraform, "terraform", "", "Terraform binary (default: $LABCTL_TERRAFORM, PATH, or labctl's own)")
	complete(cmd, "run", a.completeRun)
	exclusive(cmd, "run", "all")
	return cmd
}

func (o *downOptions) do(ctx context.Context) error {
	progress := o.app.streams.Progress()
	defer progress.Close()
	r, err := o.app.runner(o.terraform, progress.Emit)
	if err != nil {
		return err
	}
	lab, err := o.app.lab(o.lab)
	if err != nil {
		return err
	}
	removal, err := r.Down(ctx, runner.DownOptions{Lab: lab, Run: o.run})
	progress.Close()
	var none *runner.NoRunError
	if errors.As(err, &none) {
		fmt.Fprintf(o.app.streams.Out, "Lab %s is not up: nothing to remove.\n", lab.ID)
		return nil
	}
	if err != nil {
		return err
	}
	o.tell(removal)
	return nil
}

func (o *downOptions) tell(removal runner.Removal) {
	if removal.Lost {
		fmt.Fprintf(o.app.streams.Out, "Run %s is gone with the local AWS that held it: nothing to remove, record archived.\n", removal.Run.ID)
		return
	}
	where := removal.Run.Region
	if further := removal.Run.SecondRegion; further != "" {
		where += " and " + further
	}
	fmt.Fprintf(o.app.streams.Out, "Run %s is gone: %d resources removed, 0 left in account %s, %s (read back to make sure).\n",
		removal.Run.ID, removal.Removed, removal.Run.Account, where)
}
