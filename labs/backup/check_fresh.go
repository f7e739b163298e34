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
		if r.RPO == 0 {
			continue // there is nothing to compare with, which bk-objectives tells
		}
		newest, from, err := a.newest(ctx, r, now)
		if err != nil {
			return nil, err
		}
		age := now.Sub(newest)
		switch {
		case newest.IsZero():
			o.Add(fmt.Sprintf("%s has no completed recovery point.", r), r.Arn)
		case age > r.RPO+from.grace:
			o.Add(fmt.Sprintf("%s may lose %s; its newest %s is of %s, %s ago.", r, span(r.RPO), from.what, moment(&newest), span(age)), r.Arn)
		default:
			told = append(told, fmt.Sprintf("%s would lose %s of the %s that it may: its newest %s is of %s.", r, span(max(age, 0)), span(r.RPO), from.what, moment(&newest)))
		}
	}
	return told, nil
}

// origin is what something can be restored from.
type origin struct {
	what  string
	grace time.Duration
}

// recoveryGrace is granted to point-in-time recovery: what AWS says of its latest moment is that it typically is five
// minutes ago, which is no promise to the second. (The local server is two seconds behind.)
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoveryDescription.html
const recoveryGrace = time.Minute

// newest is the latest moment that a resource can be brought back to; zero for none.
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
			return now, origin{what: "continuous backup"}, nil
		case point.Status == "COMPLETED" && point.CreationDate.After(newest):
			newest = point.CreationDate
		}
	}
	if r.Kind != kindTable {
		return newest, from, nil
	}
	recovery, err := a.inv.ContinuousBackups(ctx, r.Name)
	if errors.Is(err, inventory.ErrNotFound) {
		return newest, from, nil
	}
	if latest := recovery.LatestRestorableDateTime; err == nil && recovery.Enabled && latest != nil && latest.After(newest) {
		return *latest, origin{"restorable second", recoveryGrace}, nil
	}
	return newest, from, err
}
