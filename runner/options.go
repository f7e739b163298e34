package runner

import (
	"fmt"
	"maps"
	"reflect"
	"time"

	"labctl/runner/journal"
)

// permitted refuses what was chosen where that needs a permit which was not given.
func permitted(opts UpOptions, now time.Time) error {
	for _, option := range opts.Lab.Options {
		value, ok := opts.Choices[option.Flag]
		if !ok || opts.Permits[option.Permit] {
			continue
		}
		if reason := option.Refusal(value, now); reason != "" {
			return hinted(&RefusedError{Reason: fmt.Sprintf("--%s %s: %s", option.Flag, value, reason)}, "if that is what you want, give --"+option.Permit+" as well")
		}
	}
	return nil
}

// choices are the variables that the lab's options set, chosen or not.
func choices(opts UpOptions) map[string]any {
	variables := map[string]any{}
	for _, option := range opts.Lab.Options {
		value, ok := opts.Choices[option.Flag]
		if !ok {
			value = option.Values[0]
		}
		maps.Copy(variables, option.Variables(value))
	}
	return variables
}

// sameChoices refuses to make something else of a run that is there. What was not chosen again stays as it was.
func sameChoices(run journal.Run, opts UpOptions) error {
	for _, option := range opts.Lab.Options {
		value, ok := opts.Choices[option.Flag]
		if !ok {
			continue
		}
		for name, variable := range option.Variables(value) {
			if !reflect.DeepEqual(run.Variables[name], variable) {
				return hinted(&RefusedError{Reason: fmt.Sprintf("run %s was made with another --%s than %s", run.ID, option.Flag, value)}, "take it down first, or name another run with --run")
			}
		}
	}
	return nil
}
