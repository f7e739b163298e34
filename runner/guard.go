package runner

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"labctl/labs"
	"labctl/runner/quota"
	"labctl/runner/target"
)

// Allowed knows the real accounts that labctl may make things in. *accounts.List is one.
type Allowed interface {
	Has(account string) (bool, error)
}

// Proposal is what the user is asked before the first resource is made where it may cost money.
type Proposal struct {
	Lab     labs.Lab
	Run     string
	Target  target.Target
	PerHour float64       // USD; 0 where the price is not known
	Lives   time.Duration // how long the run is meant to live
	Room    []quota.Room  // what the account has left of what the lab needs
}

// Word is what the user types to say yes: the account's number, or the server's address where that means nothing.
func (p Proposal) Word() string {
	if p.Target.Name == target.AWS {
		return p.Target.Account
	}
	return p.Target.Endpoint
}

// allow refuses a real account that the user has not put on the list. It is asked each time, so that an account can be
// taken off the list while something lives there: that can still be removed.
func (r *Runner) allow(t target.Target) error {
	if t.Name != target.AWS {
		return nil
	}
	listed, err := r.Allowed.Has(t.Account)
	switch {
	case err != nil:
		return err
	case !listed:
		return hinted(&RefusedError{Reason: fmt.Sprintf("account %s is not on the list of accounts that labctl may make things in; nothing was made", who(t))},
			"if it is the right one: `labctl accounts allow "+t.Account+"`")
	}
	if t.Identity.Root {
		r.warn("You are the root user of account %s, whom no policy limits. AWS advises against working as root: https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html", t.Account)
	}
	return nil
}

func who(t target.Target) string {
	if t.Identity != nil && t.Identity.Alias != "" {
		return fmt.Sprintf("%s (%s)", t.Account, t.Identity.Alias)
	}
	return t.Account
}

// confirm looks whether the account has room for the lab, and asks the user, where what is made may cost money.
func (r *Runner) confirm(ctx context.Context, proposal Proposal) error {
	t := proposal.Target
	if !t.Guarded() {
		return nil
	}
	if t.Name == target.AWS {
		r.step("Looking whether account %s has room for %s", t.Account, proposal.Lab.ID)
		room, problems := quota.Read(ctx, t.Config, proposal.Lab.Bill)
		for _, problem := range problems {
			r.warn("%v. Whether it would stop the lab is not known.", problem)
		}
		if err := enough(room); err != nil {
			return err
		}
		proposal.Room = room
	}
	if ctx.Err() != nil {
		return interruptedOr(ctx, "looking at the account; nothing was made", nil)
	}
	return interruptedOr(ctx, "asking; nothing was made", r.Confirm(ctx, proposal))
}

// enough refuses a lab for which the account has no room: half of it would be made, and paid for, before that stops it.
func enough(room []quota.Room) error {
	var short []string
	for _, q := range room {
		if q.Short() {
			short = append(short, q.String())
		}
	}
	if len(short) == 0 {
		return nil
	}
	return hinted(&RefusedError{Reason: "the account's quotas leave no room for the lab: " + strings.Join(short, "; ") + "; nothing was made"},
		"remove what is not needed, ask for more at https://console.aws.amazon.com/servicequotas, or choose another --region")
}

// releaseUnused lets a server go that was started for a run which then was not made.
func (r *Runner) releaseUnused(ctx context.Context, t target.Target) {
	if t.Name != target.LocalStack {
		return // the local AWS ends by itself when it is idle
	}
	runs, err := r.Journal.List()
	for _, run := range runs {
		if run.Target == t.Name {
			return
		}
	}
	if err == nil {
		err = r.Targets.Release(context.WithoutCancel(ctx), t.Name)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		r.warn("The target could not be released: %v", err)
	}
}
