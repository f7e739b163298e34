package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"labctl/checks/reach"
	"labctl/checks/report/typeset"
	"labctl/runner"
	"labctl/runner/target"
)

type traceOptions struct {
	app         *app
	from, to    string
	port        string
	sourcePorts string
	snapshot    string
	run         string
	place       target.Place
	output      string
}

func newTrace(a *app) *cobra.Command {
	o := &traceOptions{app: a}
	cmd := &cobra.Command{
		Use:   "trace --from A --to B",
		Short: "Can a packet get from A to B, and the answer back? Hop by hop",
		Long: `Say whether a connection from A to B works, replies included, and why: which rule or
route decides at each hop, or what blocks first and would have to change. A and B are a
network interface, an instance, a subnet, an address, or the word internet.

Verdicts: reachable, unreachable, and partial (some client ports only).
Exit code 0 is reachable, 1 is unreachable or partial.`,
		Example: `  labctl trace --from internet --to eni-0a1b --port tcp/443
  labctl trace --from subnet-1 --to 10.16.32.10 --port tcp/5432 --source-ports 1024-65535
  labctl snapshot > net.json && labctl trace --snapshot net.json --from i-1 --to internet`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return o.do(cmd.Context()) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.from, "from", "", "where the connection starts")
	flags.StringVar(&o.to, "to", "", "where it ends")
	flags.StringVar(&o.port, "port", "tcp/443", "protocol and port: tcp/5432, udp/53, icmp, any")
	flags.StringVar(&o.sourcePorts, "source-ports", "32768-60999", "the client's ports; the default is Linux's range")
	flags.StringVar(&o.snapshot, "snapshot", "", "answer from a file that `labctl snapshot` wrote; - is standard input")
	flags.StringVar(&o.run, "run", "", "ask the account that holds this run")
	addPlace(cmd, &o.place)
	addTextOrJSON(cmd, &o.output)
	complete(cmd, "run", a.completeRun)
	exclusive(cmd, "snapshot", "run")
	return cmd
}

func (o *traceOptions) do(ctx context.Context) error {
	query, err := o.parse()
	if err != nil {
		return err
	}
	network, err := o.network(ctx)
	if err != nil {
		return err
	}
	engine := reach.New(network)
	if query.From, err = engine.Endpoint(o.from); err != nil {
		return &usageError{err: fmt.Errorf("--from: %w", err)}
	}
	if query.To, err = engine.Endpoint(o.to); err != nil {
		return &usageError{err: fmt.Errorf("--to: %w", err)}
	}
	answer := engine.Trace(query)
	if o.output == "json" {
		err = o.app.printJSON(answer)
	} else {
		o.app.traceText(o, answer)
	}
	if err == nil && answer.Verdict != reach.Reachable {
		return &verdictError{verdict: "fail"}
	}
	return err
}

// parse reads what the user typed, before anything is asked of an account.
func (o *traceOptions) parse() (reach.Query, error) {
	var query reach.Query
	var err error
	if o.from == "" || o.to == "" {
		return query, &usageError{err: errors.New("--from and --to are both needed"), next: "see `labctl trace --help`"}
	}
	if err := validTextOrJSON(o.output); err != nil {
		return query, err
	}
	if err := validPlace(&o.place); err != nil {
		return query, err
	}
	if query.Protocol, query.Ports, err = reach.ParseService(o.port); err != nil {
		return query, &usageError{err: fmt.Errorf("--port: %w", err)}
	}
	if query.SourcePorts, err = reach.ParsePorts(o.sourcePorts); err != nil {
		return query, &usageError{err: fmt.Errorf("--source-ports: %w", err)}
	}
	return query, nil
}

func (o *traceOptions) network(ctx context.Context) (*reach.Network, error) {
	if o.snapshot != "" {
		return o.app.readSnapshot(o.snapshot)
	}
	r, err := o.app.quietRunner()
	if err != nil {
		return nil, err
	}
	return r.Network(ctx, runner.NetworkOptions{Run: o.run, Place: o.place})
}

func (a *app) readSnapshot(name string) (*reach.Network, error) {
	in := a.streams.In // the interface, so that a file can take its place
	if name != "-" {
		file, err := os.Open(name) //nolint:gosec // the user named it
		if err != nil {
			return nil, &usageError{err: fmt.Errorf("--snapshot: %w", err)}
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	network, err := reach.Decode(in)
	if err != nil {
		return nil, &usageError{err: fmt.Errorf("--snapshot %s: %w", name, err), next: "`labctl snapshot > net.json` writes one"}
	}
	return network, nil
}

func (a *app) traceText(o *traceOptions, answer reach.Answer) {
	s := a.streams
	verdict := s.Good(string(answer.Verdict))
	if answer.Verdict != reach.Reachable {
		verdict = s.Bad(string(answer.Verdict))
	}
	fmt.Fprintf(s.Out, "%s to %s, %s: %s", o.from, o.to, o.port, verdict)
	if len(answer.Path) > 0 {
		fmt.Fprintf(s.Out, " (%s)", answer.Family)
	}
	fmt.Fprintln(s.Out)
	for _, works := range answer.Works {
		fmt.Fprintf(s.Out, "  works for %s\n", works)
	}
	direction := reach.Direction("")
	for n, hop := range answer.Path {
		if hop.Direction != direction {
			direction = hop.Direction
			fmt.Fprintf(s.Out, "\n%s\n", s.Strong(map[reach.Direction]string{reach.Forward: "The way there", reach.Return: "The way back"}[direction]))
		}
		mark := " "
		if answer.BlockedBy != nil && hop == answer.BlockedBy.Hop {
			mark = s.Bad("x")
		}
		head := fmt.Sprintf("%2d. %s %s", n+1, hop.Component, typeset.Line(hop.ID))
		fmt.Fprintf(s.Out, "%s %s\n%s\n", mark, head, indented("       ", hop.Explanation, s.OutWidth()))
	}
	if block := answer.BlockedBy; block != nil {
		fmt.Fprintf(s.Out, "\n%s %s %s\n%s\n", s.Bad("Blocked by"), block.Component, typeset.Line(block.ID), indented("  ", block.Explanation, s.OutWidth()))
		if block.Change != "" {
			fmt.Fprintf(s.Out, "%s\n%s\n", s.Strong("What would have to change"), indented("  ", block.Change, s.OutWidth()))
		}
	}
}

// indented wraps a sentence below its head line.
func indented(indent, text string, width int) string {
	lines := typeset.Wrap(typeset.Line(text), min(width, 100)-len(indent))
	return indent + strings.Join(lines, "\n"+indent)
}

func newSnapshot(a *app) *cobra.Command {
	var options runner.NetworkOptions
	cmd := &cobra.Command{
		Use:   "snapshot",
		Short: "Print the network of an account as JSON, for trace --snapshot",
		Long: `Print what the reachability engine needs to know of an account's network as one JSON
object, in the shapes of the EC2 Describe answers as the AWS CLI prints them. It holds
addresses and rules of every VPC in the region, and no credentials.`,
		Example: "  labctl snapshot > net.json\n  labctl trace --snapshot net.json --from internet --to eni-0a1b --port tcp/443",
		Args:    atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := validPlace(&options.Place); err != nil {
				return err
			}
			r, err := a.quietRunner()
			if err != nil {
				return err
			}
			network, err := r.Network(cmd.Context(), options)
			if err != nil {
				return err
			}
			return a.printJSON(network)
		},
	}
	cmd.Flags().StringVar(&options.Run, "run", "", "read the account that holds this run")
	addPlace(cmd, &options.Place)
	complete(cmd, "run", a.completeRun)
	return cmd
}
