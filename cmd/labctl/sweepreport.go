package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"labctl/checks/report/typeset"
	"labctl/runner"
	"labctl/runner/target"
)

// list prints the table and its sum.
func (o *sweepOptions) list(remains runner.Remains) {
	out := o.app.streams.Out
	if len(remains.Resources) == 0 {
		fmt.Fprintf(out, "Nothing to sweep: %s in account %s, %s.\n", o.none(), remains.Target.Account, strings.Join(remains.Regions, ", "))
		o.timeless(remains)
		return
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TYPE\tID\tRUN\tREGION\tAGE\tDEADLINE\tUSD/HOUR")
	for _, res := range remains.Resources {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", typeset.Line(res.Kind), typeset.Line(res.ID), typeset.Line(res.Run), region(res), age(res), deadline(res.Deadline), hourly(res))
	}
	_ = table.Flush() // writes to standard output, whose errors the process's end shows
	total := sum(remains.Resources)
	fmt.Fprintf(out, "\n%s of %s in account %s, %s: %s.\n", typeset.Count(len(remains.Resources), "resource"), typeset.Count(total.runs, "run"), remains.Target.Account, strings.Join(remains.Regions, ", "), total)
	o.timeless(remains)
}

func (o *sweepOptions) none() string {
	switch {
	case o.Run != "" && o.Expired:
		return "nothing of run " + o.Run + " is past its deadline"
	case o.Run != "":
		return "nothing of run " + o.Run
	case o.Expired:
		return "nothing of labctl is past its deadline"
	default:
		return "nothing of labctl"
	}
}

func (o *sweepOptions) timeless(remains runner.Remains) {
	if len(remains.Timeless) > 0 {
		fmt.Fprintf(o.app.streams.Err, "%s Left out, since nothing says a deadline: %s. `labctl sweep --run %s` lists it.\n",
			o.app.streams.Warn("Warning:"), strings.Join(remains.Timeless, ", "), remains.Timeless[0])
	}
}

// next says how to delete what was listed.
func (o *sweepOptions) next(remains runner.Remains) {
	if len(remains.Resources) == 0 || o.incomplete {
		return
	}
	command := "labctl sweep"
	if o.Run != "" {
		command += " --run " + o.Run
	}
	if o.Expired {
		command += " --expired"
	}
	if o.Place.Name != target.Local {
		command += " --target " + o.Place.Name
	}
	for _, flag := range []struct{ name, value string }{{"endpoint", o.Place.Endpoint}, {"profile", o.Place.Profile}, {"region", o.Place.Region}} {
		if flag.value != "" {
			command += " --" + flag.name + " " + flag.value
		}
	}
	fmt.Fprintf(o.app.streams.Err, "Nothing was deleted: `%s --yes` deletes what is listed.\n", command)
}

// tell says what is gone, what is not, and why.
func (o *sweepOptions) tell(remains runner.Remains, swept runner.Swept) {
	out := o.app.streams.Out
	if len(swept.Gone) > 0 {
		fmt.Fprintf(out, "\n%s gone from account %s, %s (read back to make sure).\n", typeset.Count(len(swept.Gone), "resource"), remains.Target.Account, strings.Join(remains.Regions, ", "))
	}
	for _, id := range swept.Archived {
		fmt.Fprintf(out, "Nothing of run %s is left: its record is archived.\n", id)
	}
	for _, s := range swept.Spared {
		fmt.Fprintf(out, "Run %s was left alone: %s.\n", s.Run, typeset.Line(s.Reason.Error()))
	}
	if len(swept.Kept) > 0 {
		kept := make([]runner.Remnant, len(swept.Kept))
		for i, k := range swept.Kept {
			kept[i] = k.Remnant
		}
		fmt.Fprintf(out, "\n%s still there: %s.\n", typeset.Count(len(kept), "resource"), sum(kept))
		tellKept(out, swept.Kept)
	}
}

func tellKept(out io.Writer, kept []runner.KeptRemnant) {
	for _, k := range kept {
		where := ""
		if k.Region != "" {
			where = " in " + k.Region
		}
		fmt.Fprintf(out, "  %s %s%s (run %s)\n", typeset.Line(k.Kind), typeset.Line(k.ID), where, typeset.Line(k.Run))
		fmt.Fprintf(out, "    %s\n", typeset.Line(k.Reason.Error()))
	}
}

func region(res runner.Remnant) string {
	if res.Region == "" {
		return "global"
	}
	return res.Region
}

func age(res runner.Remnant) string {
	if res.Record == nil {
		return "no record"
	}
	return rounded(time.Since(res.Record.Created))
}

func deadline(at time.Time) string {
	switch left := time.Until(at); {
	case at.IsZero():
		return "none"
	case left < 0:
		return "passed " + rounded(-left) + " ago"
	default:
		return "in " + rounded(left)
	}
}

func hourly(res runner.Remnant) string {
	switch {
	case !res.Priced:
		return "unknown"
	case res.USD == 0:
		return "free"
	default:
		return fmt.Sprintf("%.4f", res.USD)
	}
}

// bill adds up what resources cost.
type bill struct {
	usd     float64 // an hour
	unknown int
	runs    int
}

func sum(resources []runner.Remnant) bill {
	var b bill
	runs := map[string]bool{}
	for _, res := range resources {
		runs[res.Run] = true
		b.usd += res.USD
		if !res.Priced {
			b.unknown++
		}
	}
	b.runs = len(runs)
	return b
}

func (b bill) String() string {
	text := fmt.Sprintf("%.4f USD an hour", b.usd)
	if b.usd == 0 && b.unknown == 0 {
		text = "free"
	}
	if b.unknown > 0 {
		text += fmt.Sprintf(", without %d of unknown price", b.unknown)
	}
	return text
}

// sweepEntry is the JSON form of a resource.
type sweepEntry struct {
	Kind     string     `json:"kind"`
	Type     string     `json:"terraformType,omitempty"`
	ID       string     `json:"id"`
	Name     string     `json:"name,omitempty"`
	ARN      string     `json:"arn,omitempty"`
	Region   string     `json:"region,omitempty"` // none of a global service
	Run      string     `json:"run"`
	Recorded bool       `json:"recorded"`
	Created  *time.Time `json:"created,omitempty"` // of the run, where it is recorded
	Deadline *time.Time `json:"deadline,omitempty"`
	PerHour  *float64   `json:"usdPerHour"` // null is unknown
	State    string     `json:"state"`      // listed, gone, kept or spared
	Reason   string     `json:"reason,omitempty"`
}

type sweepSpared struct {
	Run    string `json:"run"`
	Reason string `json:"reason"`
}

func (o *sweepOptions) json(remains runner.Remains, swept *runner.Swept) error {
	total := sum(remains.Resources)
	answer := struct {
		Account  string        `json:"account"`
		Target   string        `json:"target"`
		Regions  []string      `json:"regions"`
		PerHour  float64       `json:"usdPerHour"`
		Unpriced int           `json:"unknownPrices"`
		Entries  []sweepEntry  `json:"resources"`
		Part     bool          `json:"incomplete,omitempty"` // not all could be read
		Timeless []string      `json:"runsWithoutDeadline,omitempty"`
		Spared   []sweepSpared `json:"spared,omitempty"`
		Archived []string      `json:"archived,omitempty"`
	}{
		Account: remains.Target.Account, Target: o.Place.Name, Regions: remains.Regions, PerHour: total.usd, Unpriced: total.unknown,
		Entries: []sweepEntry{}, Timeless: remains.Timeless, Part: o.incomplete,
	}
	if answer.Regions == nil {
		answer.Regions = []string{}
	}
	add := func(res runner.Remnant, state string, reason error) {
		entry := entryOf(res)
		entry.State = state
		if reason != nil {
			entry.Reason = reason.Error()
		}
		answer.Entries = append(answer.Entries, entry)
	}
	if swept == nil {
		for _, res := range remains.Resources {
			add(res, "listed", nil)
		}
		return o.app.printJSON(answer)
	}
	answer.Archived = swept.Archived
	for _, res := range swept.Gone {
		add(res, "gone", nil)
	}
	for _, k := range swept.Kept {
		add(k.Remnant, "kept", k.Reason)
	}
	for _, s := range swept.Spared {
		answer.Spared = append(answer.Spared, sweepSpared{Run: s.Run, Reason: s.Reason.Error()})
		for _, res := range remains.Resources {
			if res.Run == s.Run {
				add(res, "spared", s.Reason)
			}
		}
	}
	return o.app.printJSON(answer)
}

func entryOf(res runner.Remnant) sweepEntry {
	entry := sweepEntry{
		Kind: res.Kind, Type: res.Type, ID: res.ID, Name: res.Name, ARN: res.ARN, Region: res.Region, Run: res.Run, Recorded: res.Record != nil,
	}
	if res.Record != nil {
		entry.Created = &res.Record.Created
	}
	if !res.Deadline.IsZero() {
		entry.Deadline = &res.Deadline
	}
	if res.Priced {
		entry.PerHour = &res.USD
	}
	return entry
}
