package backup

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/labs"
)

// fakeTables are tables in memory, with copies of one of them.
type fakeTables struct {
	tables map[string]map[string]row
	saved  map[string]row

	onWrite func(requests []types.WriteRequest) []types.WriteRequest // what becomes of a write
	onSave  func()
	onCopy  func(rows map[string]row) // what a restore does to the rows
	takes   time.Duration             // a restore
}

func newFakeTables() *fakeTables {
	f := &fakeTables{tables: map[string]map[string]row{"orders": {}}}
	for _, key := range []string{"o-1", "o-2"} {
		f.tables["orders"][key] = row{"order": str(key), "cents": &types.AttributeValueMemberN{Value: "100"}}
	}
	return f
}

func (f *fakeTables) scan(_ context.Context, table string, _ func(int)) ([]row, error) {
	return slices.Collect(maps.Values(f.tables[table])), nil
}

func (f *fakeTables) write(ctx context.Context, table string, requests []types.WriteRequest, _ func(int)) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if f.onWrite != nil {
		requests = f.onWrite(requests)
	}
	for _, r := range requests {
		if r.PutRequest != nil {
			f.tables[table][keyOf(r.PutRequest.Item, "order")] = r.PutRequest.Item
		} else {
			delete(f.tables[table], keyOf(r.DeleteRequest.Key, "order"))
		}
	}
	return nil
}

func (f *fakeTables) backUp(context.Context, orderTable) (point, told string, err error) {
	f.saved = maps.Clone(f.tables["orders"])
	if f.onSave != nil {
		f.onSave()
	}
	return "point", "Saved", nil
}

func (f *fakeTables) restore(ctx context.Context, _ orderTable, point, to string) error {
	if point != "point" {
		return errors.New("what point?")
	}
	if err := sleep(ctx, f.takes); err != nil {
		return err
	}
	f.tables[to] = maps.Clone(f.saved)
	if f.onCopy != nil {
		f.onCopy(f.tables[to])
	}
	return nil
}

func newLossOfRows(f *fakeTables) *lossOfRows {
	return &lossOfRows{
		rows: f, line: labs.NewTimeLine(func(labs.Moment) {}), copy: "copy", seeding: labs.Seeding{Seed: 1, Rows: 50},
		noted: func(string) error { return nil },
		table: orderTable{resource{Name: "orders", RTO: time.Hour, RPO: 5 * time.Minute}, "order"},
	}
}

func missed(line *labs.TimeLine) []string {
	names := []string{}
	for _, m := range line.Measures() {
		if !m.Met {
			names = append(names, m.Name)
		}
	}
	return names
}

func whole(line *labs.TimeLine) string {
	text := ""
	for _, m := range line.Moments() {
		text += m.Text + "\n"
	}
	return text
}

const (
	rowsMeasure = "rows of the copy, one by one"
	sumMeasure  = "checksum of the copy"
	lostMeasure = "rows lost"
	rtoMeasure  = "recovery time"
)

func TestARestoreIsMeasuredByWhatItBringsBack(t *testing.T) {
	const third = drillRow + "1-000002"
	for name, test := range map[string]struct {
		onCopy func(rows map[string]row)
		takes  time.Duration
		unmet  []string
		says   string
	}{
		"everything": {unmet: []string{}},
		"a row less": {
			onCopy: func(rows map[string]row) { delete(rows, third) },
			unmet:  []string{rowsMeasure, sumMeasure, lostMeasure}, says: "lost: " + third,
		},
		"somebody's row less": {
			onCopy: func(rows map[string]row) { delete(rows, "o-1") },
			unmet:  []string{rowsMeasure, sumMeasure, lostMeasure}, says: "lost: o-1",
		},
		"a row that differs": {
			onCopy: func(rows map[string]row) {
				rows[third] = maps.Clone(rows[third])
				rows[third]["cents"] = &types.AttributeValueMemberN{Value: "0"}
			},
			unmet: []string{rowsMeasure, sumMeasure}, says: "changed: " + third,
		},
		"a row more": {
			onCopy: func(rows map[string]row) { rows["o-9"] = row{"order": str("o-9")} },
			unmet:  []string{rowsMeasure, sumMeasure}, says: "extra: o-9",
		},
		"no row at all": {onCopy: func(rows map[string]row) { clear(rows) }, unmet: []string{rowsMeasure, sumMeasure, lostMeasure}},
		"all, too late": {takes: 61 * time.Minute, unmet: []string{rtoMeasure}},
		"all, never":    {takes: 3 * time.Hour, unmet: []string{rtoMeasure}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeTables()
				f.onCopy, f.takes = test.onCopy, test.takes
				d := newLossOfRows(f)
				require.NoError(t, d.backUpAndRestore(t.Context(), f))
				assert.Equal(t, test.unmet, missed(d.line))
				assert.Contains(t, whole(d.line), test.says)
				assert.Contains(t, f.tables["orders"], "o-1", "somebody's rows stay")
			})
		})
	}
}

func TestARestoreThatProvesNothingIsNoneThatPasses(t *testing.T) {
	for name, test := range map[string]struct {
		onWrite func([]types.WriteRequest) []types.WriteRequest
		control string
	}{
		"rows that were not written": {
			func(r []types.WriteRequest) []types.WriteRequest { return r[1:] }, "reading back what was written",
		},
		"damage that was not done": {
			func(r []types.WriteRequest) []types.WriteRequest {
				if len(r) < 50 {
					return nil
				}
				return r
			}, "noticing the damage",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeTables()
			f.onWrite = test.onWrite
			d := newLossOfRows(f)
			var control *labs.ControlError
			require.ErrorAs(t, d.backUpAndRestore(t.Context(), f), &control)
			assert.Equal(t, test.control, control.Control)
			assert.Empty(t, d.line.Measures())
		})
	}
}

func TestSomebodysRowsThatChangeMeanwhileAreNotJudged(t *testing.T) {
	f := newFakeTables()
	f.onSave = func() {
		f.tables["orders"]["o-1"] = row{"order": str("o-1")}
		f.tables["orders"]["o-3"] = row{"order": str("o-3")}
		delete(f.tables["orders"], "o-2")
	}
	d := newLossOfRows(f)
	require.NoError(t, d.backUpAndRestore(t.Context(), f))
	assert.Empty(t, missed(d.line))
	assert.Contains(t, whole(d.line), "3 rows of others changed meanwhile")
	assert.Contains(t, whole(d.line), "50 the same")
}

func TestAnInterruptedRestoreIsNoMeasure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeTables()
		f.takes = time.Hour
		ctx, interrupt := context.WithTimeout(t.Context(), time.Minute)
		defer interrupt()
		d := newLossOfRows(f)
		require.ErrorIs(t, d.backUpAndRestore(ctx, f), context.DeadlineExceeded)
		assert.Empty(t, d.line.Measures())
	})
}

// fakeMachine keeps what the table was each second.
type fakeMachine struct {
	*fakeTables
	then    map[int64]map[string]row
	lags    time.Duration
	off     bool
	accepts func(moment time.Time) bool // beyond the window
	late    time.Duration               // the restored moment is later than the one that was asked for
}

func (m *fakeMachine) now(context.Context, string) (time.Time, error) {
	return time.Now().Truncate(time.Second), nil
}

func (m *fakeMachine) window(context.Context, string) (earliest, latest time.Time, err error) {
	if m.off {
		return earliest, latest, labs.Lacks("recovery is off")
	}
	return time.Now().Add(-time.Hour), time.Now().Add(-m.lags), nil
}

func (m *fakeMachine) write(ctx context.Context, table string, requests []types.WriteRequest, show func(int)) error {
	err := m.fakeTables.write(ctx, table, requests, show)
	m.then[time.Now().Unix()] = maps.Clone(m.tables["orders"])
	return err
}

func (m *fakeMachine) restoreTo(ctx context.Context, _, to string, moment time.Time) error {
	earliest, latest, err := m.window(ctx, "orders")
	if err != nil {
		return err
	}
	if (moment.Before(earliest) || moment.After(latest)) && (m.accepts == nil || !m.accepts(moment)) {
		return &smithy.GenericAPIError{Code: "InvalidRestoreTimeException"}
	}
	m.tables[to] = map[string]row{}
	best := int64(0)
	for second, rows := range m.then {
		if second <= moment.Add(m.late).Unix() && second > best {
			best, m.tables[to] = second, rows
		}
	}
	return nil
}

func (m *fakeMachine) ready(ctx context.Context, _ string, _ func(string)) error {
	return sleep(ctx, m.takes)
}

const (
	earlyMeasure = "a moment 40 days ago"
	lateMeasure  = "a moment in an hour"
	lagMeasure   = "data lost, were the table gone now"
)

func TestGoingBackIsMeasuredByTheRowsOfThatMoment(t *testing.T) {
	for name, test := range map[string]struct {
		machine   fakeMachine
		simulated bool
		unmet     []string
		measures  int
	}{
		"to the moment":                 {machine: fakeMachine{lags: 4 * time.Minute}, unmet: []string{}, measures: 7},
		"on a target with its own lag":  {machine: fakeMachine{lags: 2 * time.Second}, simulated: true, unmet: []string{}, measures: 6},
		"a newest moment that is older": {machine: fakeMachine{lags: 6 * time.Minute}, unmet: []string{lagMeasure}, measures: 7},
		"to a later moment":             {machine: fakeMachine{lags: time.Minute, late: time.Minute}, unmet: []string{rowsMeasure, sumMeasure, lostMeasure}, measures: 7},
		"40 days back":                  {machine: fakeMachine{lags: time.Minute, accepts: func(at time.Time) bool { return at.Before(time.Now()) }}, unmet: []string{earlyMeasure}, measures: 7},
		"into the future":               {machine: fakeMachine{lags: time.Minute, accepts: func(at time.Time) bool { return at.After(time.Now()) }}, unmet: []string{lateMeasure}, measures: 7},
		"a moment that never comes":     {machine: fakeMachine{lags: 5 * time.Hour}, unmet: []string{lagMeasure, rtoMeasure}, measures: 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &test.machine
				m.fakeTables, m.then = newFakeTables(), map[int64]map[string]row{}
				d := &rewind{lossOfRows: *newLossOfRows(m.fakeTables), machine: m, pause: aMoment, refused: []string{"too-early", "too-late"}}
				d.rows, d.simulated = m, test.simulated
				require.NoError(t, d.run(t.Context()))
				assert.Equal(t, test.unmet, missed(d.line))
				assert.Len(t, d.line.Measures(), test.measures)
			})
		})
	}
}

func TestATableWithoutRecoveryIsNotTouched(t *testing.T) {
	m := &fakeMachine{fakeTables: newFakeTables(), off: true}
	d := &rewind{lossOfRows: *newLossOfRows(m.fakeTables), machine: m}
	require.ErrorIs(t, d.run(t.Context()), labs.ErrNothing)
	assert.Len(t, m.tables["orders"], 2)
}

// fakeSettings are tables with settings, and a runbook.
type fakeSettings struct {
	of      map[string]settings
	forgets settingName
}

func (f *fakeSettings) read(_ context.Context, table string) (settings, error) {
	return maps.Clone(f.of[table]), nil
}

func (f *fakeSettings) apply(_ context.Context, name settingName, original, made string) (string, error) {
	if name != f.forgets {
		f.of[made][name] = f.of[original][name]
	}
	return "set again", nil
}

func TestACopyIsComparedInEverySettingAndAfterTheRunbookAgain(t *testing.T) {
	for name, test := range map[string]struct {
		copied settings
		forget settingName
		unmet  []string
		lost   string
	}{
		"as AWS does it":             {settings{encryptionKey: "key"}, "", []string{}, "2"},
		"a runbook with a gap":       {settings{encryptionKey: "key"}, timeToLive, []string{"settings lost by the restore", "settings lost after the runbook"}, "2"},
		"another key":                {settings{encryptionKey: "other", timeToLive: "expires", streamSetting: "images"}, "", []string{}, "1"},
		"a setting that nobody made": {settings{encryptionKey: "key", timeToLive: "expires", streamSetting: "images", deletionProtection: "on"}, deletionProtection, []string{"settings lost by the restore", "settings lost after the runbook"}, "1"},
		"nothing lost":               {settings{encryptionKey: "key", timeToLive: "expires", streamSetting: "images"}, "", []string{}, "0"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeTables()
			store := &fakeSettings{forgets: test.forget, of: map[string]settings{
				"orders": {encryptionKey: "key", timeToLive: "expires", streamSetting: "images"}, "copy": test.copied,
			}}
			l := &likeness{settings: store, copier: f, line: labs.NewTimeLine(func(labs.Moment) {}), table: newLossOfRows(f).table, copy: "copy"}
			require.NoError(t, l.run(t.Context()))
			assert.Equal(t, test.unmet, missed(l.line))
			assert.Equal(t, test.lost, l.line.Measures()[0].Found)
		})
	}
}

// fakeDisks restores a disk, not always the same.
type fakeDisks struct {
	disks map[string]disk
	makes disk
	takes time.Duration
}

func (f *fakeDisks) read(_ context.Context, id string) (disk, error) { return f.disks[id], nil }

func (f *fakeDisks) make(ctx context.Context, _ disk) (string, error) {
	f.disks["copy"] = f.makes
	return "copy", sleep(ctx, f.takes)
}

func TestARestoredDiskIsLikeItsOriginal(t *testing.T) {
	original := disk{ID: "original", Zone: "a", Type: "gp3", GiB: 1, Encrypted: true, Key: "arn:aws:kms:key/1", Tags: map[string]string{"Name": "index", "role": "index"}}
	for name, test := range map[string]struct {
		change func(*disk)
		takes  time.Duration
		unmet  []string
	}{
		"the same":        {func(d *disk) { d.Tags["Name"] = "copy" }, 0, []string{}},
		"larger":          {func(d *disk) { d.GiB = 2 }, 0, []string{"size"}},
		"slower":          {func(d *disk) { d.Type = "gp2" }, 0, []string{"type"}},
		"in the clear":    {func(d *disk) { d.Encrypted = false }, 0, []string{"encryption"}},
		"another key":     {func(d *disk) { d.Key = "arn:aws:kms:key/2" }, 0, []string{"encryption"}},
		"without a tag":   {func(d *disk) { delete(d.Tags, "role") }, 0, []string{"tags that differ"}},
		"with another":    {func(d *disk) { d.Tags["role"] = "orders" }, 0, []string{"tags that differ"}},
		"too late":        {func(*disk) {}, 9 * time.Hour, []string{rtoMeasure}},
		"much too late":   {func(*disk) {}, 99 * time.Hour, []string{rtoMeasure}},
		"with a tag more": {func(d *disk) { d.Tags["more"] = "yes" }, 0, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				made := original
				made.Tags = maps.Clone(original.Tags)
				test.change(&made)
				d := &diskLoss{
					maker: &fakeDisks{disks: map[string]disk{"original": original}, makes: made, takes: test.takes}, line: labs.NewTimeLine(func(labs.Moment) {}),
					volume: resource{Name: "original", RTO: 8 * time.Hour, RPO: day},
				}
				require.NoError(t, d.run(t.Context()))
				assert.Equal(t, test.unmet, missed(d.line))
			})
		})
	}
}
