package main

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"labctl/checks"
	"labctl/checks/report"
	"labctl/checks/report/typeset"
	"labctl/runner"
)

// sideBySide does a piece of work for each name, a few at a time, with one view of all. What it returns says in a few
// words how the work ended. An interrupt begins nothing more.
func (a *app) sideBySide(ctx context.Context, names []string, parallel int, terraform string, work func(r *runner.Runner, n int) (how string, good bool)) error {
	side := a.streams.SideBySide(names)
	defer side.Close()
	var group errgroup.Group
	group.SetLimit(parallel)
	for n, name := range names {
		group.Go(func() error {
			if ctx.Err() != nil {
				side.End(name, "not begun", false)
				return nil //nolint:nilerr // the caller says what was cut short
			}
			r, err := a.runner(terraform, side.Emit(name))
			if err != nil {
				side.End(name, "not begun", false)
				return err
			}
			how, good := work(r, n)
			side.End(name, how, good)
			return nil
		})
	}
	return group.Wait() //nolint:wrapcheck // the function's own errors
}

// doAll provisions and checks every lab.
func (o *upOptions) doAll(ctx context.Context, up runner.UpOptions) error {
	if flag := o.ofLab.given(); flag != "" {
		return &usageError{err: fmt.Errorf("--%s is for one lab, and --all means every lab: give one of the two", flag)}
	}
	names := make([]string, len(o.app.labs))
	for n, lab := range o.app.labs {
		names[n] = lab.ID
	}
	outcomes, problems := make([]runner.Outcome, len(names)), make([]error, len(names))
	err := o.app.sideBySide(ctx, names, o.parallel, o.terraform, func(r *runner.Runner, n int) (string, bool) {
		options := up
		options.Lab = o.app.labs[n]
		r.Confirm = func(_ context.Context, p runner.Proposal) error {
			r.Emit(runner.Note{Text: fmt.Sprintf("account %s, %s: %.3f USD an hour", p.Target.Account, p.Target.Region, p.PerHour)})
			return o.confirmAll(p)
		}
		outcomes[n], problems[n] = r.Up(ctx, options)
		return upText(outcomes[n], problems[n])
	})
	if err := o.showAll(outcomes, problems); err != nil { // also when it was interrupted: what was checked was checked
		return err
	}
	for n, name := range names {
		if problems[n] != nil {
			problems[n] = fmt.Errorf("lab %s: %w", name, problems[n])
		}
	}
	if err := errors.Join(append(problems, err, cutShort(ctx, "bringing up all labs"))...); err != nil {
		return err
	}
	return worst(outcomes)
}

// cutShort is the end of work on many that an interrupt has cut short: some of it may not have begun.
func cutShort(ctx context.Context, doing string) error {
	if ctx.Err() == nil {
		return nil
	}
	return &runner.InterruptedError{Doing: doing, Err: ctx.Err()}
}

// upText says in a few words how `up` of one lab ended.
func upText(outcome runner.Outcome, err error) (string, bool) {
	switch {
	case err != nil:
		return err.Error(), false
	case outcome.Report == nil:
		return fmt.Sprintf("run %s is up: %s", outcome.Run.ID, typeset.Count(outcome.Run.Resources, "resource")), true
	}
	text := fmt.Sprintf("run %s is up:", outcome.Run.ID)
	for _, status := range []checks.Status{checks.Pass, checks.Fail, checks.Error, checks.Skip} {
		if n := outcome.Report.Count(status); n > 0 {
			text += fmt.Sprintf(" %d %s", n, status)
		}
	}
	return text, outcome.Report.Verdict() == checks.Pass
}

// showAll prints the reports of the labs that were checked.
func (o *upOptions) showAll(outcomes []runner.Outcome, problems []error) error {
	var docs []report.Document
	for n, lab := range o.app.labs {
		if problems[n] == nil && outcomes[n].Report != nil {
			docs = append(docs, document(lab, outcomes[n], runner.TagRun+"="+outcomes[n].Run.ID))
		}
	}
	if len(docs) == 0 {
		return nil
	}
	style := report.Style{Colour: o.app.streams.OutColour(), Width: o.app.streams.OutWidth(), Verbose: o.verbose}
	return report.WriteAll(o.app.streams.Out, report.Format(o.output), docs, style) //nolint:wrapcheck // it says what it was doing
}

// worst ends the command with the worst verdict of all.
func worst(outcomes []runner.Outcome) error {
	verdict := checks.Pass
	for _, outcome := range outcomes {
		if outcome.Report == nil {
			continue
		}
		if v := outcome.Report.Verdict(); v == checks.Fail || verdict == checks.Pass {
			verdict = v
		}
	}
	if verdict == checks.Pass {
		return nil
	}
	return &verdictError{verdict: verdict}
}

// doAll removes every run.
func (o *downOptions) doAll(ctx context.Context) error {
	records, err := o.app.journal()
	if err != nil {
		return err
	}
	runs, unread := records.List() // what cannot be read is told at the end, and keeps nothing else
	if len(runs) == 0 {
		if unread == nil {
			fmt.Fprintln(o.app.streams.Out, "There are no runs: nothing to remove.")
		}
		return unread
	}
	names := make([]string, len(runs))
	for n, run := range runs {
		names[n] = run.ID
	}
	removals, problems := make([]runner.Removal, len(runs)), make([]error, len(runs))
	err = o.app.sideBySide(ctx, names, o.parallel, o.terraform, func(r *runner.Runner, n int) (string, bool) {
		removals[n], problems[n] = r.Remove(ctx, names[n])
		if problems[n] != nil {
			problems[n] = fmt.Errorf("run %s: %w", names[n], problems[n])
			return problems[n].Error(), false
		}
		return "gone", true
	})
	for n, removal := range removals {
		if problems[n] == nil && removal.Run.ID != "" {
			o.tell(removal)
		}
	}
	return errors.Join(append(problems, err, unread, cutShort(ctx, "removing all runs"))...)
}
