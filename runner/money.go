package runner

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/pricing"

	"labctl/labs"
	"labctl/runner/journal"
	"labctl/runner/price"
	"labctl/runner/target"
)

// How long a run is meant to live where nobody says so: shorter where it costs money.
const (
	FreeLifetime = 8 * time.Hour
	PaidLifetime = 2 * time.Hour
)

// The bounds of a lifetime that somebody asks for.
const (
	shortestLifetime = time.Minute
	longestLifetime  = 30 * 24 * time.Hour
)

// ValidLifetime says what is wrong with a lifetime.
func ValidLifetime(d time.Duration) error {
	if d < shortestLifetime || d > longestLifetime {
		return &UsageError{Reason: fmt.Sprintf("a run may live from 1m to 30d, and %s is not in between", rounded(d))}
	}
	return nil
}

// lifetime is what was asked for, or the target's default.
func lifetime(asked time.Duration, t target.Target) time.Duration {
	switch {
	case asked > 0:
		return asked
	case t.Free:
		return FreeLifetime
	default:
		return PaidLifetime
	}
}

// perHour is what a lab costs on a target, in USD an hour. The table is for one region; for another, AWS's price list
// is asked.
func (r *Runner) perHour(ctx context.Context, lab labs.Lab, t target.Target) (float64, error) {
	if t.Free {
		return 0, nil
	}
	prices := r.Prices
	if t.Region != price.Region {
		config := t.Config.Copy()
		config.Region = price.ListRegion
		live, err := price.Live(ctx, pricing.NewFromConfig(config), prices.Of(lab.Bill), t.Region)
		if err != nil {
			r.warn("AWS's price list could not be read (%v): the price below is that of %s, and %s may be dearer.", err, price.Region, t.Region)
		} else {
			prices = live
		}
	}
	bill, err := prices.Bill(lab.Bill)
	if err != nil {
		return 0, err
	}
	return bill.PerHour(), nil
}

func rounded(d time.Duration) string {
	if hours := d.Hours(); hours >= 1 && d%time.Hour == 0 {
		return fmt.Sprintf("%dh", int(hours))
	}
	if d > -time.Minute && d < time.Minute {
		return d.String()
	}
	return d.Round(time.Minute).String()
}

// setDeadline writes a deadline into the record, and to where Terraform takes the tags from.
func setDeadline(run *journal.Run, deadline time.Time) {
	run.Expires = deadline.UTC().Truncate(time.Second)
	text := run.Expires.Format(time.RFC3339)
	tags, variables := map[string]string{}, map[string]any{} // the record may hold none
	maps.Copy(tags, run.Tags)
	maps.Copy(variables, run.Variables)
	tags[TagExpires], variables["expires"] = text, text
	run.Tags, run.Variables = tags, variables
}

// ExtendOptions say which run lives how much longer.
type ExtendOptions struct {
	Lab labs.Lab
	Run string
	By  time.Duration // from its deadline, or from now where that has passed
}

// Extension is what `extend` ends with.
type Extension struct {
	Run     journal.Run
	Tagged  bool    // the resources carry the new deadline; else they get it with the next `up`
	PerHour float64 // USD
}

// Extend gives a run more time: in the record first, then in the tags of what it consists of.
func (r *Runner) Extend(ctx context.Context, opts ExtendOptions) (Extension, error) {
	h, t, err := r.openToMake(ctx, opts.Lab, opts.Run)
	if err != nil {
		return Extension{}, err
	}
	defer h.release()
	from := h.run.Expires
	if now := time.Now(); from.Before(now) {
		from = now
	}
	if err := ValidLifetime(time.Until(from.Add(opts.By))); err != nil {
		return Extension{}, err
	}
	setDeadline(&h.run, from.Add(opts.By))
	if err := r.save(h, h.run.State); err != nil {
		return Extension{}, err
	}
	extension := Extension{Run: h.run, PerHour: h.run.PerHour}
	if h.run.State != journal.Ready || h.run.Drill != nil { // what a drill has left is put right by `up` first
		return extension, nil
	}
	binary, err := r.findTerraform(ctx)
	if err == nil {
		r.note("The tags get the new deadline.")
		_, err = r.provision(ctx, h, opts.Lab, t, binary)
	}
	extension.Run, extension.Tagged = h.run, err == nil
	return extension, hinted(interruptedOr(ctx, "writing the new deadline into the tags of run "+h.run.ID, err), "the record has the new deadline already; run `labctl up "+opts.Lab.ID+" --run "+h.run.ID+"` to write the tags")
}
