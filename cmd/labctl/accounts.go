package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"labctl/checks/report/typeset"
	"labctl/runner"
	"labctl/runner/accounts"
)

func newAccounts(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "accounts",
		Short: "The real AWS accounts that labctl may make things in: allow, list, forbid",
		Long: `labctl makes nothing in a real account that is not on this list, even with --yes. Where
you are right now, ` + "`aws sts get-caller-identity`" + ` tells. What lives in an account that is taken
off the list can still be removed.`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newAccountsAllow(a), newAccountsList(a), newAccountsForbid(a))
	return cmd
}

// noteFlag may be empty: that takes a note away.
const noteFlag = "note"

// oneAccount is the argument check of the commands that take an account's number.
func oneAccount(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return &usageError{err: fmt.Errorf("which account? give its 12 digits"), next: "`" + cmd.CommandPath() + " 111122223333`"}
	}
	if err := accounts.Valid(args[0]); err != nil {
		return &usageError{err: err}
	}
	return atMost(1)(cmd, args)
}

func newAccountsAllow(a *app) *cobra.Command {
	var note string
	cmd := &cobra.Command{
		Use:     "allow ID",
		Short:   "Put an account on the list",
		Example: "  labctl accounts allow 111122223333 --note sandbox",
		Args:    oneAccount,
		RunE: func(_ *cobra.Command, args []string) error {
			list, err := a.accounts()
			if err != nil {
				return err
			}
			if err := list.Allow(args[0], note); err != nil {
				return err //nolint:wrapcheck // it says what it was doing
			}
			fmt.Fprintf(a.streams.Out, "labctl may make things in account %s; before it does, it asks.\n", args[0])
			return nil
		},
	}
	cmd.Flags().StringVar(&note, noteFlag, "", "what you call the account")
	complete(cmd, noteFlag, fixed(nil))
	return cmd
}

func newAccountsForbid(a *app) *cobra.Command {
	return &cobra.Command{
		Use:               "forbid ID",
		Short:             "Take an account off the list",
		Args:              oneAccount,
		ValidArgsFunction: a.completeAccount,
		RunE: func(_ *cobra.Command, args []string) error {
			list, err := a.accounts()
			if err != nil {
				return err
			}
			was, err := list.Forbid(args[0])
			if err != nil {
				return err //nolint:wrapcheck // it says what it was doing
			}
			if !was {
				all, err := list.All()
				if err != nil {
					return err //nolint:wrapcheck // it says what it was doing
				}
				ids := make([]string, len(all))
				for i, account := range all {
					ids[i] = account.ID
				}
				return runner.Unknown("account", args[0], ids)
			}
			fmt.Fprintf(a.streams.Out, "labctl makes nothing more in account %s.\n", args[0])
			return nil
		},
	}
}

func newAccountsList(a *app) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Tell which accounts are on the list",
		Args:  atMost(0),
		RunE: func(*cobra.Command, []string) error {
			if err := validTextOrJSON(output); err != nil {
				return err
			}
			list, err := a.accounts()
			if err != nil {
				return err
			}
			all, err := list.All()
			if err != nil {
				return err //nolint:wrapcheck // it says what it was doing
			}
			if output == "json" {
				if all == nil {
					all = []accounts.Account{}
				}
				return a.printJSON(map[string]any{"accounts": all})
			}
			if len(all) == 0 {
				fmt.Fprintln(a.streams.Out, "labctl may make things in no real account. `labctl accounts allow ID` allows one.")
				return nil
			}
			table := tabwriter.NewWriter(a.streams.Out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "ACCOUNT\tSINCE\tNOTE")
			for _, account := range all {
				fmt.Fprintf(table, "%s\t%s\t%s\n", account.ID, account.Since.Format(time.DateOnly), typeset.Line(account.Note))
			}
			if err := table.Flush(); err != nil {
				return fmt.Errorf("writing the list: %w", err)
			}
			return nil
		},
	}
	addTextOrJSON(cmd, &output)
	return cmd
}

func (a *app) completeAccount(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	list, err := a.accounts()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	all, _ := list.All() // a list that cannot be read offers nothing
	var found []string
	for _, account := range all {
		found = append(found, cobra.CompletionWithDesc(account.ID, account.Note))
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}
