package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"labctl/labs"
	"labctl/runner"
)

func newExtend(a *app) *cobra.Command {
	var run, terraform string
	cmd := &cobra.Command{
		Use:   "extend LAB DURATION",
		Short: "Give a run more time until its deadline",
		Long: `Move a run's deadline, in the record and in the tag labctl:expires of what it consists
of. The time counts from the deadline that the run has, or from now where that has
passed. Nothing is removed at a deadline by itself: labctl reminds of it, and
` + "`labctl sweep --expired --yes`" + ` removes what is past it.`,
		Example:           "  labctl extend networking 1h\n  labctl extend ha 90m --run monday",
		Args:              labAndMore(a, 2),
		ValidArgsFunction: a.completeLab,
		RunE: func(cmd *cobra.Command, args []string) error {
			lab, err := a.lab(args[0])
			if err != nil {
				return err
			}
			if len(args) < 2 {
				return &usageError{err: errors.New("by how much?"), next: "`labctl extend " + lab.ID + " 1h`"}
			}
			by, err := parseDuration("duration", args[1])
			if err != nil {
				return err
			}
			return a.extend(cmd.Context(), lab, run, terraform, by)
		},
	}
	cmd.Flags().StringVar(&run, "run", "", "name of the run (default: the lab's only run)")
	cmd.Flags().StringVar(&terraform, "terraform", "", "Terraform binary (default: $LABCTL_TERRAFORM, PATH, or labctl's own)")
	complete(cmd, "run", a.completeRun)
	return cmd
}

func (a *app) extend(ctx context.Context, lab labs.Lab, run, terraform string, by time.Duration) error {
	progress := a.streams.Progress()
	defer progress.Close()
	r, err := a.runner(terraform, progress.Emit)
	if err != nil {
		return err
	}
	extended, err := r.Extend(ctx, runner.ExtendOptions{Lab: lab, Run: run, By: by})
	progress.Close()
	if err != nil {
		return err
	}
	fmt.Fprintf(a.streams.Out, "Run %s now lives until %s (%s from now).%s\n", extended.Run.ID,
		extended.Run.Expires.Local().Format("2006-01-02 15:04 MST"), rounded(time.Until(extended.Run.Expires)), costText(extended, by))
	if !extended.Tagged {
		fmt.Fprintf(a.streams.Err, "The run is %s: its resources get the new tag with the next `labctl up %s`.\n", extended.Run.State, lab.ID)
	}
	return nil
}

func costText(extended runner.Extension, by time.Duration) string {
	if extended.PerHour == 0 {
		return ""
	}
	return fmt.Sprintf(" That is %.2f USD more.", extended.PerHour*by.Hours())
}

// parseDuration reads 90m, 2h, 1h30m or 1d.
func parseDuration(what, text string) (time.Duration, error) {
	bad := &usageError{err: fmt.Errorf("%s %q: write for example 90m, 2h or 1d", what, text)}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n <= 0 || n > 365 {
			return 0, bad
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, bad
	}
	return d, nil
}
