package backup

import (
	"context"
	"errors"
	"fmt"
	"time"

	"labctl/checks"
	"labctl/checks/inventory"
)

// decideFresh asks how much of each resource would be lost now.
func decideFresh(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	now := time.Now()
	var told []string
	for _, r := range a.stateful {
		most, _ := r.ceilings()
		if r.RPO == 0 || r.RPO > most {
			r.RPO = most // what it says is for bk-objectives to judge
		}
		newest, from, err := a.newest(ctx, r, now)
		if err != nil {
			return nil, err
		}
		age := now.Sub(newest)
		switch {
		case newest.IsZero() || !from.kept:
			o.Add(fmt.Sprintf("%s has no completed recovery point.", begin(r)), r.Arn)
		case r.RPO < shortestInterval && !from.continuous:
			o.Add(fmt.Sprintf("%s may lose %s, and nothing backs it up continuously; its newest %s is of %s, and no plan makes one more often than each hour.", begin(r), span(r.RPO), from.what, moment(&newest)), r.Arn)
		case age > r.RPO+from.grace:
			o.Add(fmt.Sprintf("%s may lose %s; its newest %s is of %s, %s ago.", begin(r), span(r.RPO), from.what, moment(&newest), span(age)), r.Arn)
		default:
			told = append(told, fmt.Sprintf("%s would lose %s of the %s that it may: its newest %s is of %s%s.", begin(r), span(max(age, 0)), span(r.RPO), from.what, moment(&newest), from.note))
		}
	}
	return told, nil
}

// origin is what something can be restored from.
type origin struct {
	what       string
	grace      time.Duration
	continuous bool
	note       string
	kept       bool // a vault holds a completed recovery point, too
}

// shortestInterval is as often as a plan makes backups. A recovery point that somebody has made a minute ago meets a shorter
// RPO for a moment, and by accident.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html#backup-frequency
const shortestInterval = time.Hour

// recoveryGrace is granted to point-in-time recovery: what AWS says of its latest moment is that it typically is five
// minutes ago, which is no promise to the second. (The local server is two seconds behind.)
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoveryDescription.html
const recoveryGrace = time.Minute

// newest is the latest moment that a resource can be brought back to; zero for none. What a table or a database can do by
// itself goes with the account: a recovery point in a vault is asked for besides.
func (a *architecture) newest(ctx context.Context, r resource, now time.Time) (time.Time, origin, error) {
	points, err := a.inv.RecoveryPoints(ctx, r.Arn)
	if err != nil {
		return time.Time{}, origin{}, err
	}
	var newest time.Time
	from := origin{what: "completed recovery point"}
	for _, point := range points {
		switch {
		case point.Status == "AVAILABLE": // a continuous backup that goes on
			return now, origin{what: "continuous backup", continuous: true, kept: true}, nil
		case point.Status == "COMPLETED" && point.CreationDate.After(newest):
			newest, from.kept = point.CreationDate, true
		}
	}
	latest, err := a.restorable(ctx, r)
	if err == nil && latest != nil && (latest.After(newest) || r.RPO < shortestInterval) {
		return *latest, origin{"restorable second", recoveryGrace, true, "; on AWS that is about five minutes ago", from.kept}, nil
	}
	return newest, from, err
}

// restorable is the latest second that a table or a database can be restored to by itself; nil for none.
func (a *architecture) restorable(ctx context.Context, r resource) (*time.Time, error) {
	switch r.Kind {
	case kindTable:
		recovery, err := a.inv.ContinuousBackups(ctx, r.Name)
		if errors.Is(err, inventory.ErrNotFound) || err == nil && !recovery.Enabled {
			return nil, nil //nolint:nilnil // it cannot
		}
		return recovery.LatestRestorableDateTime, err
	case kindDatabase:
		databases, err := a.inv.Databases(ctx)
		for _, d := range databases {
			if d.Arn == r.Arn && d.BackupRetentionPeriod > 0 {
				return d.LatestRestorableTime, nil
			}
		}
		return nil, err
	default:
		return nil, nil //nolint:nilnil // it cannot
	}
}
