package backup

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"labctl/checks/report/typeset"
	"labctl/labs"
)

// rowStore is what a loss of rows asks of the account.
type rowStore interface {
	scan(ctx context.Context, table string, show func(done int)) ([]row, error)
	write(ctx context.Context, table string, requests []types.WriteRequest, show func(done int)) error
}

// lossOfRows is an exercise that puts rows into a table, spoils them, and compares a restored table with what was there.
type lossOfRows struct {
	rows    rowStore
	line    *labs.TimeLine
	table   orderTable
	copy    string // name of the restored table
	seeding labs.Seeding
	noted   func(point string) error // records what is about to be restored

	wanted    sums // what the copy has to have
	unsteady  sums // somebody's rows, which changed while the backup was made: nobody can say how they should be
	simulated bool // the target's own times say nothing about AWS
}

// seed puts the drill's rows beside those that are there. The positive control is to read them back.
func (d *lossOfRows) seed(ctx context.Context) error {
	rows := seededRows(d.table.Key, d.seeding)
	mine := sumsOf(rows, d.table.Key)
	before, err := d.read(ctx, d.table.Name)
	if err != nil {
		return err
	}
	d.wanted = sums{}
	for key, sum := range before {
		if _, own := mine[key]; !own {
			d.wanted[key] = sum
		}
	}
	d.line.Say("Putting %d orders, made from seed %d, into %s, beside %s that are there.", len(rows), d.seeding.Seed, d.table.Name, typeset.Count(len(d.wanted), "row"))
	if err := d.rows.write(ctx, d.table.Name, puts(rows), shown(d.line, "Seeding the table", len(rows))); err != nil {
		return err
	}
	for key, sum := range mine {
		d.wanted[key] = sum
	}
	return d.settle(ctx, "reading back what was written")
}

// settle reads the table again: the drill's rows have to be there, as the control says, and somebody's rows that changed
// meanwhile are not judged.
func (d *lossOfRows) settle(ctx context.Context, control string) error {
	now, err := d.read(ctx, d.table.Name)
	if err != nil {
		return err
	}
	if d.unsteady == nil {
		d.unsteady = sums{}
	}
	for key, sum := range now {
		if was, known := d.wanted[key]; (!known || was != sum) && !isDrills(key) {
			d.unsteady[key] = sum
		}
	}
	for key, sum := range d.wanted {
		if _, there := now[key]; !there && !isDrills(key) {
			d.unsteady[key] = sum
		}
	}
	for key := range d.unsteady {
		delete(d.wanted, key)
		delete(now, key)
	}
	if c := compare(d.wanted, now); !c.whole() {
		return &labs.ControlError{Control: control, Err: fmt.Errorf("%s has %s", d.table.Name, c)}
	}
	d.line.Say("%s, checksum %s.", typeset.Count(len(d.wanted), "row"), d.wanted)
	if len(d.unsteady) > 0 {
		d.line.Say("%s of others changed meanwhile, and nobody can say how a copy should have them: not compared.", typeset.Count(len(d.unsteady), "row"))
	}
	return nil
}

// ruin spoils the drill's rows. The positive control is that the comparison notices.
func (d *lossOfRows) ruin(ctx context.Context) error {
	c := corrupt(d.table.Key, seededRows(d.table.Key, d.seeding))
	d.line.Say("A bad release: %s.", c)
	requests := c.requests(d.table.Key)
	if err := d.rows.write(ctx, d.table.Name, requests, shown(d.line, "Spoiling the table", len(requests))); err != nil {
		return err
	}
	now, err := d.read(ctx, d.table.Name)
	if err != nil {
		return err
	}
	found := d.compare(now)
	if len(found.Lost) != len(c.Deleted) || len(found.Changed) != len(c.Changed) || len(found.Extra) != len(c.Added) {
		return &labs.ControlError{Control: "noticing the damage", Err: fmt.Errorf("the comparison found %s", found)}
	}
	d.line.Say("The comparison notices: %s.", found)
	return nil
}

// judge compares the copy row by row, and measures how long bringing the rows back took: until the copy is known to be whole.
func (d *lossOfRows) judge(ctx context.Context, began time.Time) error {
	there := time.Now()
	d.line.Say("The copy is there, after %s. Comparing it row by row.", there.Sub(began).Round(10*time.Millisecond))
	found, err := d.read(ctx, d.copy)
	if err != nil {
		return err
	}
	c := d.compare(found)
	took := time.Since(began)
	d.line.Judge("rows of the copy, one by one", c.String(), c.wanted(), c.whole())
	for _, offender := range c.offenders() {
		d.line.Say("%s.", offender)
	}
	for key := range d.unsteady {
		delete(found, key)
	}
	d.line.Outcome("checksum of the copy", found.String(), d.wanted.String())
	d.line.Outcome("rows lost", fmt.Sprint(len(c.Lost)), "0")
	d.line.Duration("recovery time", took, d.table.RTO)
	d.estimate(len(d.wanted), took-there.Sub(began))
	return nil
}

func (d *lossOfRows) compare(found sums) comparison {
	judged := sums{}
	for key, sum := range found {
		if _, skip := d.unsteady[key]; !skip {
			judged[key] = sum
		}
	}
	return compare(d.wanted, judged)
}

func (d *lossOfRows) read(ctx context.Context, table string) (sums, error) {
	total := max(len(d.wanted), d.seeding.Rows)
	show := shown(d.line, "Reading "+table, total)
	rows, err := d.rows.scan(ctx, table, func(done int) { show(min(done, total-1)) }) // how many there are is known at the end
	show(total)
	return sumsOf(rows, d.table.Key), err
}

// What a table of production is taken to be, and how long AWS takes for it: an hour usually, 20 minutes at least for a
// restore to a point in time whatever the size, since the partitions are copied side by side; "it isn't possible to
// calculate the table restoration time".
const (
	restoreSource  = "https://repost.aws/knowledge-center/dynamodb-restore-taking-long"
	productionRows = 10_000_000
	leastRestore   = 20 * time.Minute
	usuallyAtMost  = time.Hour
)

// estimate says what the drill's numbers would be in production. It is told and not measured.
func (d *lossOfRows) estimate(rows int, comparing time.Duration) {
	d.line.Say("An estimate for %d million rows: AWS takes from %s to %s for a restore, and the size hardly counts, because a table's partitions are copied side by side (%s).",
		productionRows/1_000_000, span(leastRestore), span(usuallyAtMost), restoreSource)
	if d.simulated {
		d.line.Say("This target restores in memory: its times tell whether the procedure works, and nothing about AWS.")
		return
	}
	reading := time.Duration(float64(comparing) / float64(rows) * productionRows)
	d.line.Say("Comparing as many rows at %.0f a second, as here with one reader, takes %s more. Promised is %s: try it on a copy of production, with many readers, or look at a sample first.",
		float64(rows)/comparing.Seconds(), span(reading.Round(time.Minute)), span(d.table.RTO))
}

// tableRestore backs the table up, spoils it, and restores the backup to a new table.
func tableRestore(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
	table, err := planTable(ctx, live)
	if err != nil {
		return err
	}
	copyName := restored(live, "orders")
	left := traces{Table: table.Name, Key: table.Key, Seeding: live.Seeding, Copies: []string{copyName}}
	var c copier
	if hasJobs(live) {
		j, err := newJobs(ctx, live, line)
		if err != nil {
			return err
		}
		if err := onlyCopies(ctx, live, line, j.restore, table.Arn, copyName); err != nil {
			return err
		}
		c = vaultCopier{j, tablesOf(live)}
	} else {
		line.Say("This target has no backup jobs: DynamoDB's own backup, on demand, takes their place.")
		left.Backup = "labctl-" + live.Run + "-drill"
		c = ownCopier{tablesOf(live), left.Backup, line}
	}
	if err := left.remember(live.Record); err != nil {
		return err
	}
	d := &lossOfRows{rows: tablesOf(live), line: line, table: table, copy: copyName, seeding: live.Seeding, simulated: live.Support[restoredTables].Simulated}
	d.noted = func(point string) error {
		left.Point, left.Since = point, time.Now().Add(-time.Minute) // clocks differ
		return left.remember(live.Record)
	}
	return d.backUpAndRestore(ctx, c)
}

// patience is how many times the promise a drill waits before it gives up.
const patience = 2

func (d *lossOfRows) backUpAndRestore(ctx context.Context, c copier) error {
	if err := d.seed(ctx); err != nil {
		return err
	}
	began := time.Now()
	point, told, err := c.backUp(ctx, d.table)
	if err != nil {
		return err
	}
	if err := d.noted(point); err != nil {
		return err
	}
	d.line.Say("Backed up in %s. %s.", time.Since(began).Round(10*time.Millisecond), told)
	if err := d.settle(ctx, "finding the table as it was while it was backed up"); err != nil {
		return err
	}
	if err := d.ruin(ctx); err != nil {
		return err
	}
	d.line.Say("Restoring to a new table, %s. The orders themselves stay as they are: turning the shop over is for people to decide.", d.copy)
	lost := time.Now()
	bounded, done := context.WithTimeout(ctx, patience*d.table.RTO)
	defer done()
	if err := c.restore(bounded, d.table, point, d.copy); err != nil {
		return tooLate(ctx, d.line, d.table.RTO, err)
	}
	return d.judge(ctx, lost)
}

// tooLate turns a restore that outlasted all patience into what was measured. ctx is the one without the bound.
func tooLate(ctx context.Context, line *labs.TimeLine, promised time.Duration, err error) error {
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		line.Judge("recovery time", "more than "+(patience*promised).String(), "at most "+promised.String(), false)
		return nil
	}
	return err
}
