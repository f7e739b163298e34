// Package docs renders a lab's documentation page from the lab itself, so that the page cannot say something else.
package docs

import (
	"fmt"
	"strings"

	"labctl/checks"
	"labctl/labs"
	"labctl/runner/price"
	"labctl/runner/target"
)

// Page is the lab's page.
func Page(lab labs.Lab, bill price.Bill) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<!-- Generated from the lab by `make docs`; do not edit. -->\n\n# Lab `%s`: %s\n\n%s\n\n", lab.ID, lab.Title, lab.Domain)
	fmt.Fprintf(&b, "## Scenario\n\n%s\n\n", strings.TrimSpace(lab.Scenario))
	if len(lab.Objectives) > 0 {
		b.WriteString("## Objectives\n\n")
		for _, objective := range lab.Objectives {
			fmt.Fprintf(&b, "- %s: %s\n", objective.Name, objective.Value)
		}
		b.WriteString("\n")
	}
	b.WriteString("## Requirements\n\n")
	for _, requirement := range lab.Requirements {
		fmt.Fprintf(&b, "%d. %s\n", requirement.Number, requirement.Text)
	}
	fmt.Fprintf(&b, "\n## Reference architecture\n\n```text\n%s\n```\n\n", strings.Trim(lab.Architecture, "\n"))
	properties(&b, lab)
	faults(&b, lab)
	drills(&b, lab)
	options(&b, lab)
	targets(&b, lab)
	if lab.Tagging != "" {
		fmt.Fprintf(&b, "## Your own design\n\n`labctl check %s --tag Key=Value` judges it. %s\n\n", lab.ID, strings.TrimSpace(lab.Tagging))
	}
	b.WriteString("## For your worksheet\n\n")
	for _, question := range lab.TradeOffs {
		fmt.Fprintf(&b, "- %s\n", question)
	}
	prices(&b, bill)
	return b.String()
}

func properties(b *strings.Builder, lab labs.Lab) {
	b.WriteString("## Properties\n\nEvidence says what a verdict rests on: `config` is an attribute read, `analysis` an engine's verdict on the live\nconfiguration.\n\n")
	for _, check := range lab.Checks {
		fmt.Fprintf(b, "### `%s`\n\n%s\n\n", check.ID, check.Title)
		fmt.Fprintf(b, "- Requirement %d, evidence: %s\n- Expected: %s\n- Why it matters: %s\n- References: %s\n", check.Requirement, check.Evidence, check.Expected, check.Why, strings.Join(check.Refs, "; "))
		if len(check.Needs) > 0 {
			fmt.Fprintf(b, "- Needs of a target: %s\n", capabilities(check.Needs))
		}
		b.WriteString("\n")
	}
}

func targets(b *strings.Builder, lab labs.Lab) {
	b.WriteString("## What each target can show\n\n| Target | Properties | Of these simulated by labctl | Skipped |\n|---|---|---|---|\n")
	for _, name := range target.Names() {
		if name == target.Endpoint {
			b.WriteString("| endpoint | what its probes show | 0 | see [targets](../targets.md) |\n")
			continue
		}
		if need := target.Lacking(name, lab.Needs); need != "" {
			fmt.Fprintf(b, "| %s | none: the lab cannot be provisioned there without `%s` | | |\n", name, need)
			continue
		}
		showing := target.Shows(name, lab.Checks)
		skipped := make([]string, len(showing.Skipped))
		for i, gap := range showing.Skipped {
			skipped[i] = fmt.Sprintf("`%s` (needs `%s`)", gap.Check.ID, gap.Lacks)
		}
		fmt.Fprintf(b, "| %s | %d of %d | %d | %s |\n", name, showing.Shown, len(lab.Checks), showing.Simulated, strings.Join(skipped, ", "))
	}
	b.WriteString("\n")
}

func capabilities(needs []checks.Capability) string {
	names := make([]string, len(needs))
	for i, need := range needs {
		names[i] = "`" + string(need) + "`"
	}
	return strings.Join(names, ", ")
}

func drills(b *strings.Builder, lab labs.Lab) {
	if len(lab.Drills) == 0 {
		return
	}
	b.WriteString("## Drills\n\n")
	for _, d := range lab.Drills {
		fmt.Fprintf(b, "### `%s`\n\n%s `labctl drill %s %s`\n\n- Measures: %s\n- Objective: %s\n", d.ID, d.Title, lab.ID, d.ID, d.Measures, d.Objective)
		if len(d.Needs) > 0 {
			fmt.Fprintf(b, "- Needs of a target: %s\n", capabilities(d.Needs))
		}
		if len(d.Wants) > 0 {
			fmt.Fprintf(b, "- Partial, and no pass, on a target without: %s\n", capabilities(d.Wants))
		}
		b.WriteString("\n")
	}
}

func options(b *strings.Builder, lab labs.Lab) {
	if len(lab.Options) == 0 {
		return
	}
	fmt.Fprintf(b, "## Options of `labctl up %s`\n\n", lab.ID)
	for _, o := range lab.Options {
		fmt.Fprintf(b, "- `--%s %s`: %s; `%s` where nothing is said.\n- `--%s`: %s.\n", o.Flag, strings.Join(o.Values, "|"), o.Help, o.Values[0], o.Permit, o.PermitHelp)
	}
	b.WriteString("\n")
}

// faults lists the symptoms only: the page must not spoil the exercise.
func faults(b *strings.Builder, lab labs.Lab) {
	fmt.Fprintf(b, "## Faults\n\n`labctl break %s` injects one of these without saying which; `labctl break %s FAULT` a certain one.\n\n", lab.ID, lab.ID)
	for _, fault := range lab.Faults {
		fmt.Fprintf(b, "- `%s`: %s\n", fault.ID, fault.Title)
	}
	b.WriteString("\n")
}

func prices(b *strings.Builder, bill price.Bill) {
	fmt.Fprintf(b, "\n## Price\n\nFree on the local target. On AWS about %.3f USD an hour (%s, prices of %s):\n\n| Resource | Count | USD an hour | Billed by |\n|---|---|---|---|\n", bill.PerHour(), price.Region, price.AsOf)
	for _, line := range bill {
		by := line.Unit
		if line.Note != "" {
			by += "; " + line.Note
		}
		fmt.Fprintf(b, "| `%s` | %d | %.4f | %s |\n", line.Type, line.Count, line.PerHour, by)
	}
}
