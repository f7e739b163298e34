package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"labctl/checks"
	"labctl/checks/access"
	"labctl/checks/policy"
	"labctl/checks/report/typeset"
	"labctl/runner"
)

type canOptions struct {
	app    *app
	args   []string // principal, action, resource; or none
	pairs  []string // key=value
	input  string
	place  runner.NetworkOptions
	output string
}

func newCan(a *app) *cobra.Command {
	o := &canOptions{app: a}
	cmd := &cobra.Command{
		Use:   "can PRINCIPAL ACTION RESOURCE",
		Short: "May a principal do an action on a resource? Statement by statement",
		Long: `Say whether AWS would let a principal do an action on a resource, and why: which statement
of which policy decides, on which condition with which value, and what would change the answer.

PRINCIPAL is the name or ARN of a role or user of the account, the ARN of a role session, an
account id, a service (lambda.amazonaws.com) or anonymous. RESOURCE is an ARN, or * for an
action that has none. The account's roles, policies, boundaries, and the policies of buckets,
keys and queues are read; service and resource control policies are not, nor are the tags of
resources other than users and roles.

The context holds what follows from the account, as of a request made now and over TLS. Give
anything else with --context; a key that is given several times has several values.

With --input the answer comes from a file and no account is asked: a JSON object with
principal, action, resource, resourceAccount, context, identityPolicies, permissionsBoundary,
sessionPolicies, resourcePolicy, serviceControlPolicies and resourceControlPolicies. Arguments
and --context replace what the file says. A context key that is not listed is absent.

Exit code 0 is allowed, 1 denied, 3 inconclusive: something that labctl does not know decides.`,
		Example: `  labctl can app s3:GetObject arn:aws:s3:::data/report.csv
  labctl can arn:aws:iam::999988887777:role/vendor sts:AssumeRole arn:aws:iam::111122223333:role/vendor --context sts:ExternalId=x1
  labctl can --input request.json --output json`,
		Args: atMost(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.args = args
			return o.do(cmd.Context())
		},
	}
	cmd.Flags().StringArrayVar(&o.pairs, "context", nil, "a condition key of the request and its value: key=value")
	addAccess(a, cmd, &o.input, &o.place, &o.output)
	return cmd
}

// addAccess adds the flags of the commands about who may do what.
func addAccess(a *app, cmd *cobra.Command, input *string, place *runner.NetworkOptions, output *string) {
	cmd.Flags().StringVar(input, "input", "", "answer from a file; - is standard input")
	cmd.Flags().StringVar(&place.Run, "run", "", "ask the account that holds this run")
	addPlace(cmd, &place.Place)
	addTextOrJSON(cmd, output)
	complete(cmd, "run", a.completeRun)
	exclusive(cmd, "input", "run")
}

func (o *canOptions) do(ctx context.Context) error {
	given, err := parseContext(o.pairs)
	if err != nil {
		return err
	}
	if err := o.validate(); err != nil {
		return err
	}
	var in policy.Input
	if o.input != "" {
		in, err = o.fromFile(given)
	} else {
		in, err = o.fromAccount(ctx, given)
	}
	if err != nil {
		return err
	}
	decision := policy.Evaluate(in)
	if o.output == "json" {
		err = o.app.printJSON(decision)
	} else {
		o.app.decisionText(decision)
		if o.input == "" {
			o.app.contextText(in.Context)
		}
	}
	if err != nil {
		return err
	}
	return decided(decision.Outcome)
}

func (o *canOptions) validate() error {
	if err := validTextOrJSON(o.output); err != nil {
		return err
	}
	if err := validPlace(&o.place.Place); err != nil {
		return err
	}
	if len(o.args) == 3 || o.input != "" && len(o.args) == 0 {
		return nil
	}
	return &usageError{err: errors.New("name a principal, an action and a resource"), next: "see `labctl can --help`"}
}

func (o *canOptions) fromAccount(ctx context.Context, given map[string][]string) (policy.Input, error) {
	r, err := o.app.quietRunner()
	if err != nil {
		return policy.Input{}, err
	}
	return r.Can(ctx, o.place, access.Question{Principal: o.args[0], Action: o.args[1], Resource: o.args[2], Context: given})
}

func (o *canOptions) fromFile(given map[string][]string) (policy.Input, error) {
	document, err := o.app.readInput(o.input)
	if err != nil {
		return policy.Input{}, err
	}
	parse := policy.ParseInput
	if len(o.args) > 0 {
		parse = policy.ParsePolicies
	}
	in, err := parse(document)
	if err != nil {
		return in, badInput(o.input, err)
	}
	if len(o.args) > 0 {
		in.Action, in.Resource = o.args[1], o.args[2]
		if in.Principal, err = parsePrincipal(o.args[0]); err != nil {
			return in, err
		}
		if err := (access.Question{Action: in.Action, Resource: in.Resource}).Validate(); err != nil {
			return in, &usageError{err: err}
		}
		if err := in.Validate(); err != nil {
			return in, badInput(o.input, err)
		}
	}
	in.Context = access.Override(in.Context, given)
	return in, nil
}

// parsePrincipal reads a principal where there is no account to look names up in.
func parsePrincipal(text string) (policy.Principal, error) {
	switch {
	case text == "anonymous":
		return policy.Anonymous(), nil
	case strings.Contains(text, ".amazonaws.com") && !strings.Contains(text, ":"):
		return policy.Service(text), nil
	}
	who, err := policy.ParsePrincipal(text)
	if err != nil {
		return who, &usageError{err: fmt.Errorf("principal: %w; with --input write its ARN", err)}
	}
	return who, nil
}

// parseContext reads key=value pairs; a key that comes again has several values.
func parseContext(pairs []string) (map[string][]string, error) {
	given := map[string][]string{}
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, &usageError{err: fmt.Errorf("--context %q: write key=value, for example aws:SecureTransport=false", pair)}
		}
		for other := range given {
			if strings.EqualFold(other, key) {
				key = other
			}
		}
		given[key] = append(given[key], value)
	}
	return given, nil
}

func (a *app) readInput(name string) ([]byte, error) {
	if name == "-" {
		document, err := io.ReadAll(a.streams.In)
		if err != nil {
			return nil, fmt.Errorf("reading standard input: %w", err)
		}
		return document, nil
	}
	document, err := os.ReadFile(name) //nolint:gosec // the user named it
	if err != nil {
		return nil, &usageError{err: fmt.Errorf("--input: %w", err)}
	}
	return document, nil
}

func badInput(name string, err error) error {
	return &usageError{err: fmt.Errorf("--input %s: %w", name, err), next: "`labctl can --help` tells what belongs in it"}
}

// decided turns an outcome into the exit code.
func decided(outcome policy.Outcome) error {
	switch outcome {
	case policy.Allow:
		return nil
	case policy.Inconclusive:
		return &verdictError{verdict: checks.Error}
	default:
		return &verdictError{verdict: checks.Fail}
	}
}

func (a *app) decisionText(decision policy.Decision) {
	s := a.streams
	switch decision.Outcome {
	case policy.Allow:
		fmt.Fprintln(s.Out, s.Good("allowed"))
	case policy.ExplicitDeny:
		fmt.Fprintln(s.Out, s.Bad("denied"), "by a statement")
	case policy.ImplicitDeny:
		fmt.Fprintln(s.Out, s.Bad("denied"), "for want of an allow")
	default:
		fmt.Fprintln(s.Out, s.Warn("inconclusive"))
	}
	fmt.Fprintln(s.Out, indented("  ", decision.Explanation(), s.OutWidth()))
	if by := decision.Details().Deciding; len(by) > 0 {
		fmt.Fprintf(s.Out, "\n%s\n", s.Strong("Statements that decide"))
		for _, finding := range by {
			fmt.Fprintf(s.Out, "  %-5s %s\n", finding.Effect, typeset.Line(finding.String()))
		}
	}
}

// contextText shows what the request was taken to hold, which is what --context can change.
func (a *app) contextText(context map[string][]string) {
	s := a.streams
	keys := make([]string, 0, len(context))
	for key := range context {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	fmt.Fprintf(s.Out, "\n%s\n", s.Strong("Context of the request, where --context gives nothing else"))
	for _, key := range keys {
		fmt.Fprintf(s.Out, "  %s = %s\n", typeset.Line(key), typeset.Line(strings.Join(context[key], ", ")))
	}
}
