package backup

import (
	"context"
	"fmt"
	"strings"
	"time"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/report/typeset"
)

// decideRecovery asks each table how far back it can go.
func decideRecovery(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	var told []string
	for _, r := range a.of(kindTable) {
		recovery, err := a.inv.ContinuousBackups(ctx, r.Name)
		if err != nil {
			return nil, err
		}
		period := time.Duration(recovery.RecoveryPeriodInDays) * day
		switch {
		case !recovery.Enabled:
			o.Add(fmt.Sprintf("Point-in-time recovery of %s is off.", r), r.Arn)
		case period < min(r.Keep, longestRecovery):
			o.Add(fmt.Sprintf("Point-in-time recovery of %s goes back %s; it should go back %s.", r, span(period), span(min(r.Keep, longestRecovery))), r.Arn)
		default:
			told = append(told, fmt.Sprintf("%s can be restored to any second of the last %s, of which it remembers those since %s.", begin(r), span(period), moment(recovery.EarliestRestorableDateTime)))
		}
	}
	a.noneOf(kindTable, o)
	return told, nil
}

// longestRecovery is as far back as DynamoDB goes.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoverySpecification.html
const longestRecovery = 35 * day

func moment(t *time.Time) string {
	if t == nil {
		return "an unknown moment"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// noneOf is an offence where the scenario has something of a kind and the account has nothing.
func (a *architecture) noneOf(kind kind, o *checks.Offences) {
	if len(a.of(kind)) == 0 {
		o.Add(fmt.Sprintf("No %s carries %s.", kind, a.inv.Scope))
	}
}

// decideVersions asks each bucket whether it keeps what is overwritten.
func decideVersions(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	var told []string
	for _, r := range a.of(kindBucket) {
		guard, err := a.inv.BucketGuard(ctx, r.Name)
		if err != nil {
			return nil, err
		}
		switch guard.Versioning {
		case "Enabled":
			told = append(told, fmt.Sprintf("%s keeps every version.", begin(r)))
		case "Suspended":
			o.Add(fmt.Sprintf("Versioning of %s is suspended: what is overwritten or deleted from now on is gone, except where an older version has an id.", r), r.Arn)
		default:
			o.Add(fmt.Sprintf("%s has never been versioned.", begin(r)), r.Arn)
		}
	}
	a.noneOf(kindBucket, o)
	return told, nil
}

// decideLock asks the documents' bucket for its default retention.
func decideLock(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	var told []string
	found := false
	for _, r := range a.of(kindBucket) {
		if r.Tags[roleTag] != roleDocuments {
			continue
		}
		found = true
		guard, err := a.inv.BucketGuard(ctx, r.Name)
		if err != nil {
			return nil, err
		}
		lock := guard.ObjectLock
		switch {
		case !lock.Enabled:
			o.Add(fmt.Sprintf("%s has no Object Lock.", begin(r)), r.Arn)
		case lock.Mode == "" || lock.Days+lock.Years == 0:
			o.Add(fmt.Sprintf("%s has Object Lock and no default retention: a document is locked only if whoever files it asks for that.", begin(r)), r.Arn)
		default:
			told = append(told, fmt.Sprintf("%s locks each version for %s, in %s mode.", begin(r), lockTime(lock), strings.ToLower(lock.Mode)))
			if lock.Years == 0 && time.Duration(lock.Days)*day < r.Keep {
				told = append(told, fmt.Sprintf("That is less than the %s for which documents are kept: long enough for a lab, which has to be taken down, and for nothing else.", span(r.Keep)))
			}
		}
	}
	if !found {
		o.Add(a.nothing("bucket", roleDocuments))
	}
	return told, nil
}

func lockTime(lock inventory.ObjectLock) string {
	if lock.Years > 0 {
		return typeset.Count(lock.Years, "year")
	}
	return days(lock.Days)
}

// decideProtection asks tables and databases whether a call can delete them.
func decideProtection(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	tables, err := a.inv.Tables(ctx)
	if err != nil {
		return nil, err
	}
	databases, err := a.inv.Databases(ctx)
	if err != nil {
		return nil, err
	}
	protected := map[string]bool{}
	for _, t := range tables {
		protected[t.TableArn] = t.DeletionProtectionEnabled
	}
	for _, d := range databases {
		protected[d.Arn] = d.DeletionProtection
	}
	var told []string
	for _, r := range a.stateful {
		on, can := protected[r.Arn]
		switch {
		case !can: // buckets and volumes have no such setting
		case on:
			told = append(told, fmt.Sprintf("%s is protected from deletion.", begin(r)))
		default:
			o.Add(fmt.Sprintf("One call deletes %s: its deletion protection is off.", r), r.Arn)
		}
	}
	if len(a.of(kindDatabase)) == 0 {
		a.noneOf(kindTable, o)
	}
	return told, nil
}
