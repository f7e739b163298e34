package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"labctl/labs"
	"labctl/runner"
)

const longHelp = `labctl provisions AWS architecture labs, checks through the AWS API that what now
exists has the properties which the scenario demands, explains the verdict, and
removes every trace again. By default it runs on a free local AWS of its own.

  labctl up networking        provision the lab, check it, print the report
  labctl break networking     inject a fault without saying which: find it
  labctl check networking     judge what is there now
  labctl fix networking       take the fault back, and say what it was
  labctl down networking      remove everything, and prove that nothing is left

Results go to standard output, everything else to standard error.

Exit codes:
  0    all properties hold, or the command did what was asked
  1    a property does not hold
  2    the command line makes no sense
  3    labctl could not decide, or could not do it
  4    a guard refused (account, price, confirmation, state)
  5    another labctl works on the run
  130  interrupted; the state is safe`

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "labctl",
		Short:         "Hands-on AWS architecture labs with verdicts you can trust",
		Long:          longHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return noEmptyFlags(cmd)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			names := make([]string, 0, len(cmd.Commands()))
			for _, sub := range cmd.Commands() {
				if sub.IsAvailableCommand() {
					names = append(names, sub.Name())
				}
			}
			return runner.Unknown("command", args[0], names)
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = false
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{err: err, next: "see `" + cmd.CommandPath() + " --help`"}
	})
	root.AddGroup(&cobra.Group{ID: "lab", Title: "Labs:"}, &cobra.Group{ID: "network", Title: "The network:"}, &cobra.Group{ID: "access", Title: "Access:"}, &cobra.Group{ID: "money", Title: "Money:"}, &cobra.Group{ID: "machine", Title: "This machine:"})
	add := func(group string, commands ...*cobra.Command) {
		for _, command := range commands {
			command.GroupID = group
			root.AddCommand(command)
		}
	}
	add("lab", newList(a), newShow(a), newUp(a), newCheck(a), newBreak(a), newHint(a), newFix(a), newDrill(a), newEmit(a), newDown(a), newStatus(a))
	add("money", newPrice(a), newExtend(a), newSweep(a))
	add("network", newTrace(a), newSnapshot(a))
	add("access", newCan(a), newEscalate(a))
	add("machine", newDoctor(a), newLocal(a), newAccounts(a), newVersion(a))
	return root
}

// noEmptyFlags refuses a flag that was given nothing: mostly it is a script's variable that is not set, and to take the
// default then would make `labctl sweep --run "$RUN" --yes` delete what is of every run.
func noEmptyFlags(cmd *cobra.Command) error {
	var empty []string
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if flag.Value.Type() == "string" && flag.Value.String() == "" && flag.Name != noteFlag {
			empty = append(empty, "--"+flag.Name)
		}
	})
	if len(empty) == 0 {
		return nil
	}
	return &usageError{err: fmt.Errorf("%s was given and is empty", strings.Join(empty, ", ")), next: "leave it out to take the default, or see that the variable in it is set"}
}

// oneLab is the argument check of the commands that take a lab.
func oneLab(a *app) cobra.PositionalArgs { return labAndMore(a, 1) }

// labAndMore checks for a lab and at most n arguments in all. Without a lab the answer says which there are.
func labAndMore(a *app, n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			ids := make([]string, len(a.labs))
			for i, lab := range a.labs {
				ids[i] = lab.ID
			}
			return &usageError{err: fmt.Errorf("which lab? choose from %s", strings.Join(ids, ", ")), next: "`" + cmd.CommandPath() + " " + ids[0] + "`"}
		}
		return atMost(n)(cmd, args)
	}
}

// labOrAll checks for one lab, or none where --all is given.
func labOrAll(a *app, all *bool, parallel *int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case *all && len(args) > 0:
			return &usageError{err: fmt.Errorf("--all means %s, and %q names a lab: give one of the two", what, args[0])}
		case *all:
			return validParallel(*parallel)
		case cmd.Flags().Changed("parallel"):
			return &usageError{err: errors.New("--parallel is for --all: one lab has nothing beside it")}
		default:
			return oneLab(a)(cmd, args)
		}
	}
}

// atMost is cobra.MaximumNArgs as a usage error.
func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return &usageError{err: fmt.Errorf("unexpected argument %q", args[n]), next: "see `" + cmd.CommandPath() + " --help`"}
		}
		return nil
	}
}

// completions of the values that exist just now, each with its description.

func (a *app) completeLab(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var found []string
	for _, lab := range a.labs {
		found = append(found, cobra.CompletionWithDesc(lab.ID, lab.Title))
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}

func (a *app) completeRun(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	records, err := a.journal()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	runs, _ := records.List() // a damaged record does not keep the others from being offered
	var found []string
	for _, run := range runs {
		if len(args) == 0 || run.Lab == args[0] {
			found = append(found, cobra.CompletionWithDesc(run.ID, fmt.Sprintf("%s on %s, %s", run.Lab, run.Target, run.State)))
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}

// completeOnly completes the last of a comma-separated list of check ids.
func (a *app) completeOnly(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	lab, ok := a.firstLab(args)
	if !ok {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	before := typed[:strings.LastIndex(typed, ",")+1]
	var found []string
	for _, check := range lab.Checks {
		if !strings.Contains(","+before, ","+check.ID+",") {
			found = append(found, cobra.CompletionWithDesc(before+check.ID, check.Title))
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

func (a *app) completeLabThenFault(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return a.completeLab(cmd, args, typed)
	}
	lab, ok := a.firstLab(args)
	if !ok || len(args) > 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var found []string
	for _, fault := range lab.Faults {
		found = append(found, cobra.CompletionWithDesc(fault.ID, fault.Title))
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}

func (a *app) firstLab(args []string) (labs.Lab, bool) {
	if len(args) == 0 {
		return labs.Lab{}, false
	}
	lab, err := a.lab(args[0])
	return lab, err == nil
}

func fixed(values []string) cobra.CompletionFunc {
	return cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
}

// complete attaches a completion to a flag. It fails only for a flag that does not exist, a mistake in this program.
func complete(cmd *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err)
	}
}

// exclusive makes it a usage error to give two flags that exclude each other; cobra's own check has no type to tell it by.
func exclusive(cmd *cobra.Command, one, other string) {
	rest := cmd.Args
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if cmd.Flags().Changed(one) && cmd.Flags().Changed(other) {
			return &usageError{err: fmt.Errorf("--%s and --%s exclude each other: give one of the two", one, other), next: "see `" + cmd.CommandPath() + " --help`"}
		}
		if rest == nil {
			return nil
		}
		return rest(cmd, args)
	}
}
