package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"labctl/checks"
	"labctl/checks/escalate"
	"labctl/checks/policy"
	"labctl/checks/report/typeset"
	"labctl/runner"
)

type escalateOptions struct {
	app       *app
	principal string
	input     string
	place     runner.NetworkOptions
	output    string
}

func newEscalate(a *app) *cobra.Command {
	o := &escalateOptions{app: a}
	cmd := &cobra.Command{
		Use:   "escalate PRINCIPAL",
		Short: "Which known ways has a principal to give itself more rights?",
		Long: `Try every known privilege-escalation path with the policy engine, conditions and resources
included, and list those that are open to a user or role: the calls that make each, the
statement that allows each call, and what it gains.

A call counts on the account's own users, roles, groups and policies, and on what the
policies' Resource patterns describe. What a caller chooses in a request (a tag, the boundary of
a role) may be anything that the policies ask for. Rights that stay below the principal's own
permissions boundary are no escalation, as long as the boundary lets nobody past it.

With --input the policies come from the file that labctl can reads, whose action and resource
do not matter here. The rest of the account is not known then: a call that is limited to
certain roles is inconclusive, because nobody says what these may do.

Exit code 0 is no path, 1 an open one, 3 none that is certain.`,
		Example: `  labctl escalate team-admin
  labctl escalate arn:aws:iam::111122223333:user/alice --output json
  labctl escalate --input policies.json`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.principal = strings.Join(args, "")
			return o.do(cmd.Context())
		},
	}
	addAccess(a, cmd, &o.input, &o.place, &o.output)
	return cmd
}

func (o *escalateOptions) do(ctx context.Context) error {
	if err := validTextOrJSON(o.output); err != nil {
		return err
	}
	if err := validPlace(&o.place.Place); err != nil {
		return err
	}
	subject, account, err := o.subject(ctx)
	if err != nil {
		return err
	}
	report := escalate.Evaluate(subject, account)
	if o.output == "json" {
		err = o.app.printJSON(report)
	} else {
		o.app.escalationText(report)
	}
	switch {
	case err != nil:
		return err
	case report.Status() == escalate.Open:
		return &verdictError{verdict: checks.Fail}
	case report.Status() == escalate.Inconclusive:
		return &verdictError{verdict: checks.Error}
	default:
		return nil
	}
}

func (o *escalateOptions) subject(ctx context.Context) (escalate.Subject, *escalate.Account, error) {
	if o.input != "" {
		subject, err := o.fromFile()
		return subject, nil, err
	}
	if o.principal == "" {
		return escalate.Subject{}, nil, &usageError{err: errors.New("name a user or a role"), next: "see `labctl escalate --help`"}
	}
	r, err := o.app.quietRunner()
	if err != nil {
		return escalate.Subject{}, nil, err
	}
	return r.Escalate(ctx, o.place, o.principal)
}

func (o *escalateOptions) fromFile() (escalate.Subject, error) {
	document, err := o.app.readInput(o.input)
	if err != nil {
		return escalate.Subject{}, err
	}
	in, err := policy.ParsePolicies(document)
	if err != nil {
		return escalate.Subject{}, badInput(o.input, err)
	}
	if o.principal != "" {
		if in.Principal, err = parsePrincipal(o.principal); err != nil {
			return escalate.Subject{}, err
		}
	}
	who := in.Principal.String()
	if !strings.Contains(who, ":user/") && !strings.Contains(who, ":role/") && !strings.Contains(who, ":assumed-role/") {
		return escalate.Subject{}, badInput(o.input, errors.New("principal: only a user, a role or a role session can escalate"))
	}
	return escalate.Subject{Input: in}, nil
}

func (a *app) escalationText(report escalate.Report) {
	s := a.streams
	opened, unsure, closed := report.With(escalate.Open), report.With(escalate.Inconclusive), report.With(escalate.Closed)
	fmt.Fprintf(s.Out, "%s: of %d known escalation paths %d open, %d undecided, %d closed\n",
		s.Strong(typeset.Line(report.Principal)), len(report.Results), len(opened), len(unsure), len(closed))
	if report.Administrator {
		fmt.Fprintln(s.Out, "It may do everything already, and needs none of them.")
	}
	for _, result := range opened {
		a.pathText(s.Bad("open"), result)
	}
	for _, result := range unsure {
		a.pathText(s.Warn("undecided"), result)
	}
	held := slices.DeleteFunc(closed, func(r escalate.Result) bool { return r.Note == "" })
	if len(held) > 0 {
		fmt.Fprintf(s.Out, "\n%s\n", s.Strong("Closed, though the calls are allowed"))
	}
	for _, result := range held {
		fmt.Fprintln(s.Out, indented("  ", result.ID+": "+result.Note, s.OutWidth()))
	}
}

func (a *app) pathText(status string, result escalate.Result) {
	s := a.streams
	fmt.Fprintf(s.Out, "\n%s %s (%s)\n", status, s.Strong(result.Title), result.ID)
	for _, step := range result.Steps {
		fmt.Fprintln(s.Out, indented("  ", step.Action+" on "+step.Resource+chosen(step.Context), s.OutWidth()))
		for _, finding := range step.Decision.Details().Deciding {
			fmt.Fprintln(s.Out, indented("    ", finding.String()+doing(finding), s.OutWidth()))
		}
	}
	fmt.Fprintln(s.Out, indented("  ", "Gains "+result.Gains+".", s.OutWidth()))
	if result.Note != "" {
		fmt.Fprintln(s.Out, indented("  ", "Note: "+result.Note+".", s.OutWidth()))
	}
	fmt.Fprintln(s.Out, "  "+s.Dim(result.Source))
}

// doing says what a statement that decides does.
func doing(finding policy.Finding) string {
	allows := finding.Effect == policy.AllowEffect
	switch {
	case len(finding.Obstacles) > 0 && allows:
		return " might allow it: " + strings.Join(finding.Obstacles, "; ")
	case len(finding.Obstacles) > 0:
		return " might deny it: " + strings.Join(finding.Obstacles, "; ")
	case allows && finding.Layer == policy.IdentityBased:
		return " allows it"
	case allows:
		return " lets it through"
	default:
		return " denies it"
	}
}

// chosen shows what the caller puts into the request.
func chosen(context map[string][]string) string {
	var parts []string
	for key, values := range context {
		parts = append(parts, key+"="+strings.Join(values, ","))
	}
	if len(parts) == 0 {
		return ""
	}
	slices.Sort(parts)
	return ", with " + strings.Join(parts, " and ")
}
