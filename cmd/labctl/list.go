package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"labctl/runner/price"
)

func newList(a *app) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the labs",
		Args:  atMost(0),
		RunE: func(*cobra.Command, []string) error {
			if err := validTextOrJSON(output); err != nil {
				return err
			}
			entries := make([]listEntry, 0, len(a.labs))
			for _, lab := range a.labs {
				bill, err := price.AWS().Bill(lab.Bill)
				if err != nil {
					return err
				}
				entries = append(entries, listEntry{lab.ID, lab.Title, lab.Domain, lab.Summary, len(lab.Checks), len(lab.Faults), bill.PerHour()})
			}
			if output == "json" {
				return a.printJSON(map[string]any{"labs": entries})
			}
			table := tabwriter.NewWriter(a.streams.Out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "LAB\tWHAT YOU BUILD\tPROPERTIES\tFAULTS\tLOCAL\tON AWS")
			for _, entry := range entries {
				fmt.Fprintf(table, "%s\t%s\t%d\t%d\tfree\t%.2f USD/h\n", entry.ID, entry.Title, entry.Properties, entry.Faults, entry.PerHour)
			}
			if err := table.Flush(); err != nil {
				return fmt.Errorf("writing the list: %w", err)
			}
			fmt.Fprintf(a.streams.Err, "\nRead about one with `labctl show %s`, build it with `labctl up %s`.\n", entries[0].ID, entries[0].ID)
			return nil
		},
	}
	addTextOrJSON(cmd, &output)
	return cmd
}

// listEntry is the JSON form of a lab in the list.
type listEntry struct {
	ID         string  `json:"id"`
	Title      string  `json:"title"`
	Domain     string  `json:"domain"`
	Summary    string  `json:"summary"`
	Properties int     `json:"properties"`
	Faults     int     `json:"faults"`
	PerHour    float64 `json:"usdPerHourOnAWS"`
}
