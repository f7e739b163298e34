package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"labctl/runner"
)

type breakOptions struct {
	app   *app
	lab   string
	fault string
	run   string
	seed  uint64
	drawn bool // a seed was given
}

func newBreak(a *app) *cobra.Command {
	o := &breakOptions{app: a}
	cmd := &cobra.Command{
		Use:   "break LAB [FAULT]",
		Short: "Inject a fault for you to find; without a name, one that is not told",
		Long: `Make one real change to the live lab that breaks one of its properties. Without the
name of a fault one is drawn and not told: find it with ` + "`labctl check`, `labctl trace`" + `
and your own eyes, ask for a hint, repair it by hand or take it back with ` + "`labctl fix`" + `.`,
		Example:           "  labctl break networking\n  labctl break networking --seed 7",
		Args:              labAndMore(a, 2),
		ValidArgsFunction: a.completeLabThenFault,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.lab = args[0]
			if len(args) > 1 {
				o.fault = args[1]
			}
			o.drawn = cmd.Flags().Changed("seed")
			return o.do(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&o.run, "run", "", "name of the run (default: the lab's only run)")
	cmd.Flags().Uint64Var(&o.seed, "seed", 0, "draw the same fault as everybody with this number")
	complete(cmd, "run", a.completeRun)
	return cmd
}

func (o *breakOptions) do(ctx context.Context) error {
	lab, err := o.app.lab(o.lab)
	if err != nil {
		return err
	}
	options := runner.BreakOptions{Lab: lab, Run: o.run, Fault: o.fault}
	if o.drawn {
		if o.fault != "" {
			return &usageError{err: fmt.Errorf("--seed draws a fault, and %q names one: give one of the two", o.fault)}
		}
		options.Seed = &o.seed
	}
	r, err := o.app.quietRunner()
	if err != nil {
		return err
	}
	broken, err := r.Break(ctx, options)
	if err != nil {
		return err
	}
	out := o.app.streams.Out
	if broken.Hidden {
		fmt.Fprintf(out, "Run %s is broken now. Something in it no longer does what the scenario demands.\n", broken.Run.ID)
	} else {
		fmt.Fprintf(out, "Run %s is broken now: %s\n", broken.Run.ID, broken.Fault.Title)
	}
	fmt.Fprintf(o.app.streams.Err, "\n  labctl check %[1]s    see which properties fail\n  labctl hint %[1]s     a hint, then a better one\n  labctl fix %[1]s      take the fault back, and say what it was\n", lab.ID)
	return nil
}

func newHint(a *app) *cobra.Command {
	var run string
	cmd := &cobra.Command{
		Use:               "hint LAB",
		Short:             "Give the next hint about the fault that was injected",
		Args:              oneLab(a),
		ValidArgsFunction: a.completeLab,
		RunE: func(cmd *cobra.Command, args []string) error {
			lab, err := a.lab(args[0])
			if err != nil {
				return err
			}
			r, err := a.quietRunner()
			if err != nil {
				return err
			}
			hint, err := r.Hint(cmd.Context(), lab, run)
			if err != nil {
				return err
			}
			fmt.Fprintf(a.streams.Out, "Hint %d of %d: %s\n", hint.N, hint.Of, hint.Text)
			return nil
		},
	}
	cmd.Flags().StringVar(&run, "run", "", "name of the run (default: the lab's only run)")
	complete(cmd, "run", a.completeRun)
	return cmd
}

func newFix(a *app) *cobra.Command {
	var run string
	cmd := &cobra.Command{
		Use:               "fix LAB",
		Short:             "Take the injected fault back, and say what it was",
		Args:              oneLab(a),
		ValidArgsFunction: a.completeLab,
		RunE: func(cmd *cobra.Command, args []string) error {
			lab, err := a.lab(args[0])
			if err != nil {
				return err
			}
			r, err := a.quietRunner()
			if err != nil {
				return err
			}
			fixed, err := r.Fix(cmd.Context(), lab, run)
			if err != nil {
				return err
			}
			fmt.Fprintf(a.streams.Out, "Fixed run %s. It was %s: %s\n%s\n", fixed.Run.ID, a.streams.Strong(fixed.Fault.ID), fixed.Fault.Title, fixed.Fault.Answer)
			fmt.Fprintf(a.streams.Err, "\n  labctl check %s    see that all properties hold again\n", lab.ID)
			return nil
		},
	}
	cmd.Flags().StringVar(&run, "run", "", "name of the run (default: the lab's only run)")
	complete(cmd, "run", a.completeRun)
	return cmd
}
