package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"labctl/runner"
)

func newStatus(a *app) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Tell of every run: where it is, its state, age, deadline and price so far",
		Args:  atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := validTextOrJSON(output); err != nil {
				return err
			}
			r, err := a.quietRunner()
			if err != nil {
				return err
			}
			all, err := r.Status(cmd.Context())
			if output == "json" {
				if writeErr := a.statusJSON(all); writeErr != nil {
					return writeErr
				}
				return err
			}
			if len(all) > 0 || err == nil {
				a.statusText(all)
			}
			return err
		},
	}
	addTextOrJSON(cmd, &output)
	return cmd
}

func (a *app) statusText(all []runner.RunStatus) {
	if len(all) == 0 {
		fmt.Fprintln(a.streams.Out, "There are no runs. Begin with `labctl up networking`.")
		return
	}
	table := tabwriter.NewWriter(a.streams.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "RUN\tLAB\tTARGET\tREGION\tSTATE\tAGE\tDEADLINE\tUSD SO FAR")
	for _, s := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", s.Run.ID, s.Run.Lab, s.Run.Target, s.Run.Region,
			stateText(s), rounded(time.Since(s.Run.Created)), deadlineText(s), spentText(s))
	}
	_ = table.Flush() // writes to standard output, whose errors the process's end shows
	for _, s := range all {
		switch {
		case s.Lost:
			fmt.Fprintf(a.streams.Err, "%s Run %s is lost: its local AWS is gone. `labctl up %s` builds it again, `labctl down %s` clears the record.\n", a.streams.Warn("Warning:"), s.Run.ID, s.Run.Lab, s.Run.Lab)
		case s.Trouble != "":
			fmt.Fprintf(a.streams.Err, "%s Run %s: %s\n", a.streams.Warn("Warning:"), s.Run.ID, s.Trouble)
		case s.Run.Drill != nil && s.Holder == nil:
			fmt.Fprintf(a.streams.Err, "%s Run %s: drill %s was cut off. The next drill or `labctl up %s` takes back what it left.\n", a.streams.Warn("Warning:"), s.Run.ID, s.Run.Drill.ID, s.Run.Lab)
		case s.Expired:
			fmt.Fprintf(a.streams.Err, "%s Run %s is past its deadline: `labctl down %s --run %s` removes it.\n", a.streams.Warn("Warning:"), s.Run.ID, s.Run.Lab, s.Run.ID)
		}
	}
}

func stateText(s runner.RunStatus) string {
	switch {
	case s.Lost:
		return "lost"
	case s.Holder != nil:
		return fmt.Sprintf("%s (in use by pid %d)", s.Run.State, s.Holder.PID)
	case s.Run.State == "creating" || s.Run.State == "destroying":
		return string(s.Run.State) + " (interrupted)"
	default:
		return string(s.Run.State)
	}
}

func deadlineText(s runner.RunStatus) string {
	if s.Expired {
		return "passed " + rounded(time.Since(s.Run.Expires)) + " ago"
	}
	return "in " + rounded(time.Until(s.Run.Expires))
}

func spentText(s runner.RunStatus) string {
	if s.Run.PerHour == 0 {
		return "0 (free)"
	}
	return fmt.Sprintf("%.2f", s.Spent)
}

// statusEntry is the JSON form of a run's status.
type statusEntry struct {
	Run      string    `json:"run"`
	Lab      string    `json:"lab"`
	Target   string    `json:"target"`
	Region   string    `json:"region"`
	Account  string    `json:"account"`
	State    string    `json:"state"`           // creating, ready, broken, destroying or lost
	Drill    string    `json:"drill,omitempty"` // that is being carried out, or was cut off
	InUseBy  int       `json:"inUseByPid,omitempty"`
	Trouble  string    `json:"trouble,omitempty"`
	Created  time.Time `json:"created"`
	Expires  time.Time `json:"expires"`
	Expired  bool      `json:"expired"`
	PerHour  float64   `json:"usdPerHour"`
	SpentUSD float64   `json:"usdSoFar"`
}

func (a *app) statusJSON(all []runner.RunStatus) error {
	entries := []statusEntry{}
	for _, s := range all {
		entry := statusEntry{
			Run: s.Run.ID, Lab: s.Run.Lab, Target: s.Run.Target, Region: s.Run.Region, Account: s.Run.Account,
			State: string(s.Run.State), Trouble: s.Trouble, Created: s.Run.Created, Expires: s.Run.Expires,
			Expired: s.Expired, PerHour: s.Run.PerHour, SpentUSD: s.Spent,
		}
		if s.Run.Drill != nil {
			entry.Drill = s.Run.Drill.ID
		}
		if s.Lost {
			entry.State = "lost"
		}
		if s.Holder != nil {
			entry.InUseBy = s.Holder.PID
		}
		entries = append(entries, entry)
	}
	return a.printJSON(map[string]any{"runs": entries})
}

func (a *app) printJSON(value any) error {
	encoder := json.NewEncoder(a.streams.Out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	return nil
}
