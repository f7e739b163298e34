package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"
)

// silentCommands say nothing of expired runs: status tells more of them itself, and the others are read by programs.
var silentCommands = []string{"status", "supervise", "completion", "__complete", "__completeNoDesc"}

// remindOfExpired mentions every run that is past its deadline, so that nothing is forgotten that costs money.
func (a *app) remindOfExpired(cmd *cobra.Command) {
	for c := cmd; c != nil; c = c.Parent() {
		if slices.Contains(silentCommands, c.Name()) {
			return
		}
	}
	records, err := a.journal()
	if err != nil {
		return
	}
	runs, _ := records.List() // a damaged record is for the commands that need it to tell of
	for _, run := range runs {
		past := time.Since(run.Expires)
		if past <= 0 {
			continue
		}
		cost := ""
		if run.PerHour > 0 {
			cost = fmt.Sprintf(" and costs %.3f USD an hour", run.PerHour)
		}
		fmt.Fprintf(a.streams.Err, "%s Run %s (%s on %s) is past its deadline by %s%s: `labctl down %s --run %s` removes it, `labctl extend %s 1h --run %s` keeps it.\n",
			a.streams.Warn("Reminder:"), run.ID, run.Lab, run.Target, rounded(past), cost, run.Lab, run.ID, run.Lab, run.ID)
	}
}
