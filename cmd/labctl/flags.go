package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"labctl/checks/inventory"
	"labctl/checks/report"
	"labctl/runner/target"
)

// defaultRegion is the one that the price table is for.
const defaultRegion = target.DefaultRegion

// atOnce is how many labs are worked on side by side where nobody says: a Terraform takes most of a core, and waits for
// most of its time.
const atOnce = 3

// addAll adds the flags for all labs or runs at once.
func addAll(cmd *cobra.Command, all *bool, parallel *int, what string) {
	cmd.Flags().BoolVar(all, "all", false, what)
	cmd.Flags().IntVar(parallel, "parallel", atOnce, "with --all: how many side by side")
	complete(cmd, "parallel", fixed(nil))
}

func validParallel(n int) error {
	if n < 1 || n > 16 {
		return &usageError{err: fmt.Errorf("--parallel %d: from 1 to 16", n)}
	}
	return nil
}

// addOutput adds the flags that say how a report looks.
func addOutput(cmd *cobra.Command, format *string, verbose *bool) {
	cmd.Flags().StringVarP(format, "output", "o", string(report.Text), "format of the report: "+strings.Join(formats(), ", "))
	cmd.Flags().BoolVarP(verbose, "verbose", "v", false, "explain the properties that hold too")
	complete(cmd, "output", fixed(formats()))
}

func formats() []string {
	var names []string
	for _, format := range report.Formats() {
		names = append(names, string(format))
	}
	return names
}

func validOutput(format string) error { return oneOf("output format", format, formats()) }

// textOrJSON is for the commands whose answer is no report.
func addTextOrJSON(cmd *cobra.Command, format *string) {
	cmd.Flags().StringVarP(format, "output", "o", "text", "format of the answer: text, json")
	complete(cmd, "output", fixed([]string{"text", "json"}))
}

func validTextOrJSON(format string) error {
	return oneOf("output format", format, []string{"text", "json"})
}

// parseTag reads Key=Value. The key may not be empty or too long for AWS; the value may be empty, as on AWS.
func parseTag(text string) (inventory.Scope, error) {
	key, value, ok := strings.Cut(text, "=")
	switch {
	case !ok || key == "":
		return inventory.Scope{}, &usageError{err: fmt.Errorf("tag %q: write Key=Value, for example labctl:run=networking-k3f9", text)}
	case len(key) > 128 || len(value) > 256:
		return inventory.Scope{}, &usageError{err: fmt.Errorf("tag %.40q...: a key has at most 128 characters and a value 256", text)}
	}
	return inventory.Scope{Key: key, Value: value}, nil
}
