package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"labctl/labs"
	"labctl/runner"
)

// labOptions are the flags of `labctl up` that belong to one lab.
type labOptions struct {
	choices map[string]*string
	permits map[string]*bool
}

// addLabOptions adds the flags of all labs: which lab is meant is known only once they are read.
func addLabOptions(cmd *cobra.Command, all []labs.Lab) labOptions {
	o := labOptions{choices: map[string]*string{}, permits: map[string]*bool{}}
	for _, lab := range all {
		for _, option := range lab.Options {
			help := fmt.Sprintf("lab %s: %s: %s", lab.ID, option.Help, strings.Join(option.Values, ", "))
			o.choices[option.Flag] = cmd.Flags().String(option.Flag, "", help)
			o.permits[option.Permit] = cmd.Flags().Bool(option.Permit, false, fmt.Sprintf("lab %s: %s", lab.ID, option.PermitHelp))
			complete(cmd, option.Flag, fixed(option.Values))
		}
	}
	return o
}

// of reads what was chosen for a lab. A flag that is another lab's is a mistake.
func (o labOptions) of(lab labs.Lab) (choices map[string]string, permits map[string]bool, err error) {
	choices, permits = map[string]string{}, map[string]bool{}
	for _, option := range lab.Options {
		if value := *o.choices[option.Flag]; value != "" {
			if err := oneOf(option.Flag, value, option.Values); err != nil {
				return nil, nil, err
			}
			choices[option.Flag] = value
		}
		permits[option.Permit] = *o.permits[option.Permit]
	}
	for flag, value := range o.choices {
		if _, own := choices[flag]; *value != "" && !own {
			return nil, nil, &runner.UsageError{Reason: fmt.Sprintf("lab %s has no --%s", lab.ID, flag)}
		}
	}
	for flag, given := range o.permits {
		if _, own := permits[flag]; *given && !own {
			return nil, nil, &runner.UsageError{Reason: fmt.Sprintf("lab %s has no --%s", lab.ID, flag)}
		}
	}
	return choices, permits, nil
}

// given is a flag of a lab that was given, or "".
func (o labOptions) given() string {
	for flag, value := range o.choices {
		if *value != "" {
			return flag
		}
	}
	for flag, given := range o.permits {
		if *given {
			return flag
		}
	}
	return ""
}
