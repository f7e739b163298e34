package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"labctl/checks/report/typeset"
	"labctl/docs"
	"labctl/labs"
	"labctl/runner/price"
	"labctl/runner/target"
)

func newShow(a *app) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "show LAB",
		Short: "Read about a lab: scenario, architecture, properties, faults, price",
		Args:  oneLab(a), ValidArgsFunction: a.completeLab,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOf("output format", output, []string{"text", "markdown"}); err != nil {
				return err
			}
			lab, err := a.lab(args[0])
			if err != nil {
				return err
			}
			bill, err := price.AWS().Bill(lab.Bill)
			if err != nil {
				return err
			}
			if output == "markdown" {
				_, err = io.WriteString(a.streams.Out, docs.Page(lab, bill))
				return err
			}
			(&brief{out: a.streams.Out, width: min(a.streams.OutWidth(), 100), strong: a.streams.Strong}).lab(lab, bill)
			return nil
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "text", "format: text, markdown")
	complete(cmd, "output", fixed([]string{"text", "markdown"}))
	return cmd
}

// brief writes a lab's description for the terminal. Errors of standard output end the process at its next write.
type brief struct {
	out    io.Writer
	width  int
	strong func(string) string
}

func (b *brief) head(text string) { fmt.Fprintf(b.out, "\n%s\n", b.strong(text)) }

func (b *brief) para(indent, text string) {
	for n, line := range typeset.Wrap(text, b.width-len(indent)) {
		if n > 0 {
			indent = strings.Repeat(" ", len(indent))
		}
		fmt.Fprintf(b.out, "%s%s\n", indent, line)
	}
}

func (b *brief) lab(lab labs.Lab, bill price.Bill) {
	fmt.Fprintf(b.out, "%s  %s\n%s\n", b.strong(lab.ID), lab.Title, lab.Domain)
	b.head("Scenario")
	for _, paragraph := range strings.Split(strings.TrimSpace(lab.Scenario), "\n\n") {
		b.para("  ", typeset.Line(paragraph))
	}
	if len(lab.Objectives) > 0 {
		b.head("Objectives")
		for _, objective := range lab.Objectives {
			b.para("  ", objective.Name+": "+objective.Value)
		}
	}
	b.head("Requirements")
	for _, requirement := range lab.Requirements {
		b.para(fmt.Sprintf("  %d. ", requirement.Number), requirement.Text)
	}
	b.head("Reference architecture")
	fmt.Fprintln(b.out, strings.Trim(lab.Architecture, "\n"))
	b.head(fmt.Sprintf("Properties that are checked (%d)", len(lab.Checks)))
	for _, check := range lab.Checks {
		b.para("  "+check.ID+"  ", check.Title)
		b.para("      ", fmt.Sprintf("requirement %d, by %s; %s", check.Requirement, check.Evidence, strings.Join(check.Refs, "; ")))
	}
	b.head(fmt.Sprintf("Faults to find (%d)", len(lab.Faults)))
	for _, fault := range lab.Faults {
		b.para("  "+fault.ID+"  ", fault.Title)
	}
	b.head("What each target can show")
	for _, name := range target.Names() {
		if name == target.Endpoint {
			b.para("  ", "endpoint: what its probes show when the lab is provisioned")
			continue
		}
		if need := target.Lacking(name, lab.Needs); need != "" {
			b.para("  ", fmt.Sprintf("%s: nothing, because the lab cannot be provisioned without %s", name, need))
			continue
		}
		showing := target.Shows(name, lab.Checks)
		b.para("  ", fmt.Sprintf("%s: %d of %d properties, %d of them on behaviour that labctl simulates", name, showing.Shown, len(lab.Checks), showing.Simulated))
		for _, gap := range showing.Skipped {
			b.para("    ", fmt.Sprintf("%s is skipped: it needs %s", gap.Check.ID, gap.Lacks))
		}
	}
	if lab.Tagging != "" {
		b.head("To have your own design judged (check --tag)")
		b.para("  ", typeset.Line(lab.Tagging))
	}
	if len(lab.Drills) > 0 {
		b.head("Drills")
		for _, d := range lab.Drills {
			b.para("  "+d.ID+"  ", d.Title)
		}
	}
	if len(lab.Options) > 0 {
		b.head("Options of labctl up")
		for _, o := range lab.Options {
			b.para("  ", fmt.Sprintf("--%s %s  %s", o.Flag, strings.Join(o.Values, "|"), o.Help))
			b.para("  ", fmt.Sprintf("--%s  %s", o.Permit, o.PermitHelp))
		}
	}
	b.head("For your worksheet")
	for _, question := range lab.TradeOffs {
		b.para("  - ", question)
	}
	b.head(fmt.Sprintf("Price on AWS: %.3f USD an hour (%s, %s); on the local target: free", bill.PerHour(), price.Region, price.AsOf))
	for _, line := range bill {
		if line.PerHour > 0 {
			b.para("  ", fmt.Sprintf("%d x %s: %.3f USD an hour (%s)", line.Count, line.Type, line.PerHour, line.Unit))
		}
	}
}
