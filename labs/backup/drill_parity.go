package backup

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"labctl/checks/report/typeset"
	"labctl/labs"
)

// settings are what a table is set to, by name. What is off is not among them.
type settings map[settingName]string

// settingName is how a setting is told of.
type settingName string

// The settings that are compared. Auto scaling is not: a table that bills by request has none.
const (
	billingMode        settingName = "billing mode"
	encryptionKey      settingName = "encryption"
	tableClass         settingName = "table class"
	recoverySetting    settingName = "point-in-time recovery"
	timeToLive         settingName = "time to live"
	streamSetting      settingName = "stream"
	deletionProtection settingName = "deletion protection"
	tagSetting         settingName = "tags"
	alarmSetting       settingName = "alarms"
)

// without are the settings that a copy lacks, or has otherwise.
func (original settings) without(made settings) []settingName {
	var names []settingName
	for name, value := range original {
		if made[name] != value {
			names = append(names, name)
		}
	}
	for name := range made {
		if _, ok := original[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// settingStore reads the settings of a table, and gives a copy those of its original.
type settingStore interface {
	read(ctx context.Context, table string) (settings, error)
	// apply sets one setting of the copy as the original has it, and says how.
	apply(ctx context.Context, name settingName, original, made string) (told string, err error)
}

// likeness is an exercise that compares a restored table with its original in everything but its rows.
type likeness struct {
	settings settingStore
	copier   copier
	line     *labs.TimeLine
	table    orderTable
	copy     string
}

func parity(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
	table, err := planTable(ctx, live)
	if err != nil {
		return err
	}
	left := traces{Table: table.Name, Copies: []string{restored(live, "parity")}, Backup: "labctl-" + live.Run + "-drill", Alarm: restored(live, "parity")}
	if err := left.remember(live.Record); err != nil {
		return err
	}
	l := &likeness{
		settings: newAccountSettings(live, left.Alarm), copier: ownCopier{tablesOf(live), left.Backup, line}, line: line, table: table, copy: left.Copies[0],
	}
	return l.run(ctx)
}

func (l *likeness) run(ctx context.Context) error {
	before, err := l.settings.read(ctx, l.table.Name)
	if err != nil {
		return err
	}
	point, told, err := l.copier.backUp(ctx, l.table)
	if err != nil {
		return err
	}
	l.line.Say("%s. Restoring it to a new table, %s.", told, l.copy)
	bounded, done := context.WithTimeout(ctx, patience*l.table.RTO)
	defer done()
	if err := l.copier.restore(bounded, l.table, point, l.copy); err != nil {
		return tooLate(ctx, l.line, l.table.RTO, err)
	}
	made, err := l.settings.read(ctx, l.copy)
	if err != nil {
		return err
	}
	lost := before.without(made)
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if !slices.Contains(lost, name) {
			l.line.Say("Kept: %s (%s).", name, before[name])
		}
	}
	for _, name := range lost {
		l.line.Say("Lost: %s. The original: %s. The copy: %s.", name, orNone(before[name]), orNone(made[name]))
	}
	return l.repair(ctx, before, lost)
}

// repair carries out the runbook for what was lost, and compares again.
func (l *likeness) repair(ctx context.Context, before settings, lost []settingName) error {
	for _, name := range lost {
		told, err := l.settings.apply(ctx, name, l.table.Name, l.copy)
		if err != nil {
			return fmt.Errorf("setting %s of table %s again: %w", name, l.copy, err)
		}
		l.line.Say("Runbook: %s.", told)
	}
	made, err := l.settings.read(ctx, l.copy)
	if err != nil {
		return err
	}
	still := before.without(made)
	l.line.Judge("settings lost by the restore", fmt.Sprint(len(lost)), "each set again by the runbook", len(still) == 0)
	l.line.Outcome("settings lost after the runbook", numbered(still), numbered(nil))
	l.line.Say("A shop that is turned over to the copy right after the restore has %s less than it had: nothing fails, and nothing tells of it. Whoever restores needs the runbook, or Terraform.", typeset.Count(len(lost), "setting"))
	return nil
}

func numbered(names []settingName) string {
	if len(names) == 0 {
		return "none"
	}
	return fmt.Sprintf("%d: %s", len(names), strings.Join(each(names, func(n settingName) string { return string(n) }), ", "))
}

func orNone(value string) string {
	if value == "" {
		return "none"
	}
	return value
}
