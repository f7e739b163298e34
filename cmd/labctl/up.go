package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"labctl/checks"
	"labctl/checks/report"
	"labctl/labs"
	"labctl/runner"
	"labctl/runner/journal"
	"labctl/runner/target"
	"labctl/runner/target/localstack"
)

// upOptions is what `labctl up` works with: the program first, then what the user typed.
type upOptions struct {
	app       *app
	lab       string
	run       string
	place     target.Place
	yes       bool
	terraform string
	output    string
	noCheck   bool
	keepGoing bool
	verbose   bool
	all       bool
	parallel  int
	ttl       string
	maxPrice  float64
	ofLab     labOptions
}

func newUp(a *app) *cobra.Command {
	o := &upOptions{app: a}
	cmd := &cobra.Command{
		Use:   "up {LAB | --all}",
		Short: "Provision a lab, check it, and print the report",
		Long: `Provision a lab's reference architecture with Terraform, check through the AWS API
that what now exists has the properties which the scenario demands, and print the
report. Run again, it brings the run back to what the lab's Terraform says and checks
it anew. Interrupted, it goes on where it stopped.

With --all it provisions and checks all labs, several side by side.`,
		Example:           "  labctl up networking\n  labctl up networking --run monday --no-check\n  labctl up ha --ttl 90m --max-price 0.50\n  labctl up --all",
		Args:              labOrAll(a, &o.all, &o.parallel, "every lab"),
		ValidArgsFunction: a.completeLab,
		RunE: func(cmd *cobra.Command, args []string) error {
			up, err := o.options(cmd)
			if err != nil {
				return err
			}
			if o.all {
				return o.doAll(cmd.Context(), up)
			}
			o.lab = args[0]
			return o.do(cmd.Context(), up)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.run, "run", "", "name of the run (default: the lab's run, or a new name)")
	flags.BoolVar(&o.noCheck, "no-check", false, "provision only")
	flags.BoolVar(&o.keepGoing, "keep-going", false, "check what is there even when provisioning failed in part")
	flags.StringVar(&o.terraform, "terraform", "", "Terraform binary (default: $LABCTL_TERRAFORM, PATH, or labctl's own)")
	flags.StringVar(&o.ttl, "ttl", "", "how long the run shall live: 90m, 2h, 1d (default: 2h where it costs money, else 8h)")
	flags.Float64Var(&o.maxPrice, "max-price", 0, "refuse when the run would cost more than this in its lifetime, in USD; with --all, all of them together")
	addAll(cmd, &o.all, &o.parallel, "provision and check all labs")
	flags.StringVar(&o.place.Image, "localstack-image", "", "image of the LocalStack to start (default "+localstack.DefaultImage+")")
	flags.BoolVarP(&o.yes, "yes", "y", false, "make things in a real account without asking")
	complete(cmd, "localstack-image", fixed(nil))
	addPlace(cmd, &o.place)
	addOutput(cmd, &o.output, &o.verbose)
	complete(cmd, "run", a.completeRun)
	o.ofLab = addLabOptions(cmd, a.labs)
	exclusive(cmd, "run", "all")
	return cmd
}

// options are what is asked of every lab that is to be provisioned.
func (o *upOptions) options(cmd *cobra.Command) (up runner.UpOptions, err error) {
	if err := validPlace(&o.place); err != nil {
		return up, err
	}
	if err := validOutput(o.output); err != nil {
		return up, err
	}
	up = runner.UpOptions{Run: o.run, Place: o.place, NoCheck: o.noCheck, KeepGoing: o.keepGoing}
	if o.ttl != "" {
		if up.TTL, err = parseDuration("--ttl", o.ttl); err != nil {
			return up, err
		}
		if err := runner.ValidLifetime(up.TTL); err != nil {
			return up, err
		}
	}
	if cmd.Flags().Changed("max-price") {
		if !(o.maxPrice >= 0) {
			return up, &usageError{err: fmt.Errorf("--max-price %g: write an amount in USD, for example 0.50", o.maxPrice)}
		}
		up.MaxPrice = runner.NewBudget(o.maxPrice)
	}
	return up, nil
}

func (o *upOptions) do(ctx context.Context, up runner.UpOptions) error {
	lab, err := o.app.lab(o.lab)
	if err != nil {
		return err
	}
	up.Lab = lab
	if up.Choices, up.Permits, err = o.ofLab.of(lab); err != nil {
		return err
	}
	progress := o.app.streams.Progress()
	defer func() { progress.Close() }()
	r, err := o.app.runner(o.terraform, func(event runner.Event) { progress.Emit(event) })
	if err != nil {
		return err
	}
	r.Confirm = func(ctx context.Context, p runner.Proposal) error {
		progress.Close() // a question stands still
		err := o.app.confirm(ctx, p, o.yes)
		progress = o.app.streams.Progress()
		return err
	}
	outcome, err := r.Up(ctx, up)
	progress.Close()
	if err != nil {
		return err
	}
	if outcome.Report == nil {
		o.lookAround(outcome)
		return nil
	}
	err = o.app.show(report.Format(o.output), o.verbose, document(lab, outcome, runner.TagRun+"="+outcome.Run.ID), outcome.Report)
	if report.Format(o.output) == report.Text {
		o.lookAround(outcome)
	}
	return err
}

// lookAround says how to look at what is there, how to go on, and how to take it down.
func (o *upOptions) lookAround(outcome runner.Outcome) {
	s, run := o.app.streams, outcome.Run
	out := s.Err
	fmt.Fprintf(out, "\nRun %s is up: %d resources in %s, account %s.\n", s.Strong(run.ID), run.Resources, run.Region, run.Account)
	fmt.Fprintf(out, "\n%s\n", s.Strong("Look around"))
	for _, suggestion := range outcome.Explore {
		fmt.Fprintf(out, "  # %s\n  %s\n", suggestion.Question, inRun(suggestion.Command, run, outcome.Target))
	}
	fmt.Fprintf(out, "  # What is there?\n  %s resourcegroupstaggingapi get-resources --tag-filters Key=%s,Values=%s\n", awsCommand(outcome.Target), runner.TagRun, run.ID)
	fmt.Fprintf(out, "\n%s\n", s.Strong("Go on"))
	fmt.Fprintf(out, "  labctl break %-12s a fault for you to find\n  labctl check %-12s judge it again\n", run.Lab, run.Lab)
	if outcome.Target.Free {
		fmt.Fprintf(out, "  labctl down %-13s remove everything (it costs nothing here)\n", run.Lab)
		return
	}
	fmt.Fprintf(out, "  labctl down %-13s remove everything; until then it costs %.3f USD an hour\n", run.Lab, run.PerHour)
}

// inRun makes a command that asks an account ask the one that holds the run; without a word that is the local one.
func inRun(command string, run journal.Run, t target.Target) string {
	if t.Name == target.Local {
		return command
	}
	for _, asks := range []string{"trace", "snapshot", "can", "escalate"} {
		if strings.HasPrefix(command, "labctl "+asks+" ") {
			return command + " --run " + run.ID
		}
	}
	return command
}

// awsCommand is the AWS CLI as it reaches the target. The endpoint is a flag: version 1 of the CLI ignores the
// environment variable for some services and would call AWS itself.
func awsCommand(t target.Target) string {
	if t.Endpoint == "" && t.Profile != "" {
		return "aws --profile " + t.Profile + " --region " + t.Region
	}
	if t.Endpoint == "" {
		return "aws --region " + t.Region
	}
	return fmt.Sprintf("AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s aws --region %s --endpoint-url %s",
		t.Env["AWS_ACCESS_KEY_ID"], t.Env["AWS_SECRET_ACCESS_KEY"], t.Region, t.Endpoint)
}

// document is what the report is about.
func document(lab labs.Lab, outcome runner.Outcome, scope string) report.Document {
	doc := report.Document{
		Lab: report.Lab{ID: lab.ID, Title: lab.Title}, Run: outcome.Run.ID, Target: outcome.Target.Name,
		Region: outcome.Target.Region, Account: outcome.Target.Account, Scope: scope, Report: *outcome.Report,
	}
	for _, requirement := range lab.Requirements {
		doc.Requirements = append(doc.Requirements, report.Requirement(requirement))
	}
	for _, objective := range lab.Objectives {
		doc.Objectives = append(doc.Objectives, report.Objective(objective))
	}
	return doc
}

// show prints a report and turns its verdict into the command's end.
func (a *app) show(format report.Format, verbose bool, doc report.Document, result *checks.Report) error {
	style := report.Style{Colour: a.streams.OutColour(), Width: a.streams.OutWidth(), Verbose: verbose}
	if err := report.Write(a.streams.Out, format, doc, style); err != nil {
		return err
	}
	if verdict := result.Verdict(); verdict != checks.Pass {
		return &verdictError{verdict: verdict}
	}
	return nil
}
