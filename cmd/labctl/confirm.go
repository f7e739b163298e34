package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"labctl/checks/report/typeset"
	"labctl/runner"
	"labctl/runner/target"
)

// noConfirm is for commands that begin nothing new: there is nothing to ask.
func noConfirm(context.Context, runner.Proposal) error {
	return &runner.RefusedError{Reason: "this command does not begin anything where it may cost money"}
}

// confirm shows what is about to be made where, and asks for a word that nobody types by accident. Where nobody can be
// asked, only --yes is an answer.
func (a *app) confirm(ctx context.Context, p runner.Proposal, yes bool) error {
	a.proposal(p)
	if yes {
		return nil
	}
	if !a.streams.Asks() {
		return &runner.HintedError{
			Err:  &runner.RefusedError{Reason: "making things there has to be confirmed, and there is no terminal to ask at; nothing was made"},
			Next: "give --yes when all of the above is right",
		}
	}
	return a.ask(ctx, p)
}

// ask waits for the word.
func (a *app) ask(ctx context.Context, p runner.Proposal) error {
	fmt.Fprintf(a.streams.Err, "\nType %s to go on, anything else to stop: ", a.streams.Strong(p.Word()))
	answer, err := readLine(ctx, a.streams.In)
	if err != nil {
		return err
	}
	if answer != p.Word() {
		return &runner.RefusedError{Reason: "not confirmed; nothing was made"}
	}
	return nil
}

// confirmAll is for many labs at once, whose questions would stand in each other's way.
func (o *upOptions) confirmAll(p runner.Proposal) error {
	if o.yes {
		return nil
	}
	return &runner.HintedError{
		Err:  &runner.RefusedError{Reason: fmt.Sprintf("%s in %s costs %.3f USD an hour, which has to be confirmed; nothing was made", p.Lab.ID, p.Word(), p.PerHour)},
		Next: "bring labs up one by one to be asked, or give --yes with --all",
	}
}

// proposal shows what is about to be made, and who makes it.
func (a *app) proposal(p runner.Proposal) {
	out, t := a.streams.Err, p.Target
	line := func(what, text string) { fmt.Fprintf(out, "  %-10s %s\n", what, typeset.Line(text)) }
	fmt.Fprintf(out, "\n%s\n", a.streams.Strong("About to make lab "+p.Lab.ID+" as run "+p.Run))
	if t.Name == target.AWS {
		account := t.Account
		if t.Identity.Alias != "" {
			account += " (" + t.Identity.Alias + ")"
		}
		line("account", account)
		line("you are", t.Identity.ARN)
	} else {
		line("server", t.Endpoint+": labctl cannot know what it is, nor what it costs")
		line("account", t.Account)
	}
	line("region", t.Region)
	if t.Free {
		return
	}
	line("price", fmt.Sprintf("%.3f USD an hour, %.2f USD until its deadline in %s, %.0f USD a month if forgotten", p.PerHour, p.PerHour*p.Lives.Hours(), rounded(p.Lives), p.PerHour*hoursInMonth))
	for _, room := range p.Room {
		line("room", room.String())
	}
	line("removal", "labctl down "+p.Lab.ID+" --run "+p.Run)
}

// readLine reads what the user types, and gives up when the command is interrupted: the read itself cannot be.
func readLine(ctx context.Context, in io.Reader) (string, error) {
	type typed struct {
		line string
		err  error
	}
	answer := make(chan typed, 1)
	go func() {
		line, err := bufio.NewReader(in).ReadString('\n')
		answer <- typed{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err() //nolint:wrapcheck // the runner says what was interrupted
	case got := <-answer:
		if got.err != nil && !errors.Is(got.err, io.EOF) {
			return "", fmt.Errorf("reading the answer: %w", got.err)
		}
		return strings.TrimSpace(got.line), nil
	}
}
