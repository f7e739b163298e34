package backup

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"labctl/labs"
)

// timeMachine is point-in-time recovery.
type timeMachine interface {
	now(ctx context.Context, table string) (time.Time, error)
	// window is from when to when a table can be restored.
	window(ctx context.Context, table string) (earliest, latest time.Time, err error)
	// restoreTo begins to make a new table of what a table was at a moment.
	restoreTo(ctx context.Context, table, to string, moment time.Time) error
	// ready waits until the new table is whole.
	ready(ctx context.Context, table string, tell func(string)) error
}

func (t tables) window(ctx context.Context, table string) (earliest, latest time.Time, err error) {
	got, err := t.api.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &table})
	if err != nil {
		return earliest, latest, fmt.Errorf("reading the continuous backups of %s: %w", table, err)
	}
	r := got.ContinuousBackupsDescription.PointInTimeRecoveryDescription
	if r == nil || r.PointInTimeRecoveryStatus != types.PointInTimeRecoveryStatusEnabled || r.LatestRestorableDateTime == nil {
		return earliest, latest, labs.Lacks("point-in-time recovery of table %s is off", table)
	}
	return aws.ToTime(r.EarliestRestorableDateTime), *r.LatestRestorableDateTime, nil
}

func (t tables) restoreTo(ctx context.Context, table, to string, moment time.Time) error {
	_, err := t.api.RestoreTableToPointInTime(ctx, &dynamodb.RestoreTableToPointInTimeInput{SourceTableName: &table, TargetTableName: &to, RestoreDateTime: &moment})
	if err != nil {
		return fmt.Errorf("restoring table %s to %s: %w", table, clock(moment), err)
	}
	return nil
}

func (t tables) ready(ctx context.Context, table string, tell func(string)) error {
	d, err := t.whole(ctx, table, tell)
	if err != nil {
		return err
	}
	return t.tag(ctx, aws.ToString(d.TableArn), t.tags)
}

func clock(at time.Time) string { return at.UTC().Format("15:04:05") }

// rewind is a loss of rows that is undone by going back to the moment before it.
type rewind struct {
	lossOfRows
	machine timeMachine
	pause   time.Duration // a moment is a whole second: what happens before it and after it has to be seconds apart
	refused []string      // names under which tables must not be made
}

const aMoment = 2 * time.Second

func tablePITR(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
	table, err := planTable(ctx, live)
	if err != nil {
		return err
	}
	d := &rewind{
		lossOfRows: lossOfRows{
			rows: tablesOf(live), line: line, table: table, copy: restored(live, "moment"), seeding: live.Seeding, simulated: live.Support[tableRecovery].Simulated,
		},
		machine: tablesOf(live), pause: aMoment, refused: []string{restored(live, "too-early"), restored(live, "too-late")},
	}
	left := traces{Table: table.Name, Key: table.Key, Seeding: live.Seeding, Copies: append([]string{d.copy}, d.refused...)}
	if err := left.remember(live.Record); err != nil {
		return err
	}
	return d.run(ctx)
}

func (d *rewind) run(ctx context.Context) error {
	if _, _, err := d.machine.window(ctx, d.table.Name); err != nil {
		return err
	}
	if err := d.seed(ctx); err != nil {
		return err
	}
	moment, err := d.note(ctx)
	if err != nil {
		return err
	}
	if err := d.ruin(ctx); err != nil {
		return err
	}
	lost := time.Now()
	bounded, done := context.WithTimeout(ctx, patience*d.table.RTO)
	defer done()
	if err := d.reach(bounded, moment); err != nil {
		return tooLate(ctx, d.line, d.table.RTO, err)
	}
	d.line.Say("Restoring to %s UTC, as the new table %s.", clock(moment), d.copy)
	if err := d.machine.restoreTo(ctx, d.table.Name, d.copy, moment); err != nil {
		return err
	}
	if err := d.refuses(ctx); err != nil {
		return err
	}
	if err := d.machine.ready(bounded, d.copy, func(text string) { d.line.Say("%s", text) }); err != nil {
		return tooLate(ctx, d.line, d.table.RTO, err)
	}
	return d.judge(ctx, lost)
}

// note is a moment after all that was written before it, and before all that comes.
func (d *rewind) note(ctx context.Context) (time.Time, error) {
	if err := sleep(ctx, d.pause); err != nil {
		return time.Time{}, err
	}
	moment, err := d.machine.now(ctx, d.table.Name)
	if err != nil {
		return moment, err
	}
	d.line.Say("All is well at %s UTC.", clock(moment))
	return moment, sleep(ctx, d.pause)
}

// reach waits until the moment can be restored to, and tells how far behind the present the newest moment is: that is what
// would be lost if the table were gone now.
func (d *rewind) reach(ctx context.Context, moment time.Time) error {
	told := false
	_, err := poll(ctx, func(text string) { d.line.Say("%s", text) }, func() (bool, string, error) {
		_, latest, err := d.machine.window(ctx, d.table.Name)
		if err != nil {
			return false, "", err
		}
		now, err := d.machine.now(ctx, d.table.Name)
		if err != nil {
			return false, "", err
		}
		if !told {
			d.lag(now.Sub(latest))
			told = true
		}
		if latest.Before(moment) {
			return false, "the newest moment that can be restored is " + clock(latest) + " UTC", nil
		}
		return true, "", nil
	})
	return err
}

func (d *rewind) lag(behind time.Duration) {
	behind = max(behind.Round(time.Second), 0)
	if d.simulated {
		d.line.Say("The newest moment that can be restored is %s old. That is this target's own number; on AWS it is about five minutes, and no RPO is judged here.", span(behind))
		return
	}
	d.line.Duration("data lost, were the table gone now", behind, d.table.RPO)
}

// What a request to restore comes to.
const (
	refusedTime = "refused: InvalidRestoreTimeException"
	accepted    = "accepted"
)

// refuses asks for moments outside of the window. That one inside of it was accepted is the control.
func (d *rewind) refuses(ctx context.Context) error {
	now, err := d.machine.now(ctx, d.table.Name)
	if err != nil {
		return err
	}
	const outside = 40 * day // recovery keeps 35
	for n, probe := range []struct {
		what   string
		moment time.Time
	}{{"a moment 40 days ago", now.Add(-outside)}, {"a moment in an hour", now.Add(time.Hour)}} {
		found := accepted
		switch err := d.machine.restoreTo(ctx, d.table.Name, d.refused[n], probe.moment); {
		case labs.IsCode(err, "InvalidRestoreTimeException"):
			found = refusedTime
		case err != nil:
			return fmt.Errorf("asking for %s: %w", probe.what, err)
		}
		d.line.Outcome(probe.what, found, refusedTime)
	}
	return nil
}
