package backup

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"labctl/labs"
)

// The faults of the backup plan, and of what it selects.

// plan is a backup plan, which is always put as a whole.
type plan struct {
	ID       string
	Document types.BackupPlanInput
}

func weeklyPlan() labs.Fault {
	return planFault(labs.Fault{
		ID:     "weekly-plan",
		Title:  "The bill for backups is a fraction of what it was, and all jobs of this month are completed.",
		Answer: "The plan runs on Sundays only: up to a week of documents can be lost.",
		Breaks: []string{"bk-objectives"},
		Hints: []string{
			"All jobs are completed. How many are there?",
			"How old can the newest backup be, at worst?",
			"Read the schedule of the plan's rule.",
		},
	}, func(rule *types.BackupRuleInput) { rule.ScheduleExpression = aws.String("cron(0 5 ? * SUN *)") })
}

func slowCompletion() labs.Fault {
	return planFault(labs.Fault{
		ID:     "slow-completion",
		Title:  "Backups begin at 05:00 and 17:00, as ever. Yet the newest document that could be restored on Tuesday evening was Monday's.",
		Answer: "A job may take 24 hours to complete: twelve hours between two, one to begin, 24 to complete make 37, and the RPO is 24.",
		Breaks: []string{"bk-objectives"},
		Twin:   true,
		Hints: []string{
			"The schedule is as it should be.",
			"A backup can be restored once it is completed, not once it has begun.",
			"Add the rule's interval, its start window and its completion window.",
		},
	}, func(rule *types.BackupRuleInput) { rule.CompletionWindowMinutes = aws.Int64(24 * 60) })
}

func weekOfRetention() labs.Fault {
	return planFault(labs.Fault{
		ID:     "week-of-retention",
		Title:  "An auditor asks for a document as it was three weeks ago, and since yesterday no backup job has succeeded.",
		Answer: "The plan's recovery points are to be deleted after 7 days: too soon for the policy, and the vault's lock refuses them.",
		// The lock takes no job that asks for less than its minimum.
		Breaks: []string{"bk-vault-lock", "bk-retention"},
		Hints: []string{
			"What do the failed jobs say?",
			"How long would they have kept what they make?",
			"Compare the lifecycle of the plan's rule with the 35 days of the policy.",
		},
	}, func(rule *types.BackupRuleInput) { rule.Lifecycle = &types.Lifecycle{DeleteAfterDays: aws.Int64(7)} })
}

func noCopies() labs.Fault {
	return planFault(labs.Fault{
		ID:     "no-copies",
		Title:  "The second region's bill shows no more storage for backups.",
		Answer: "The plan's rule has no copy action: whatever happens to the region happens to its backups.",
		Breaks: []string{"bk-offsite"},
		Hints: []string{
			"The vault there is empty, and locked, and waits.",
			"Who brings something to it?",
			"Look at the copy actions of the plan's rule.",
		},
	}, func(rule *types.BackupRuleInput) { rule.CopyActions = nil })
}

func copiesForever() labs.Fault {
	return planFault(labs.Fault{
		ID:     "copies-forever",
		Title:  "A copy of a document that had to be forgotten is still in the second region, years later.",
		Answer: "The copy action has no lifecycle of its own: what it copies stays forever, and behind a locked vault nobody can delete it.",
		Breaks: []string{"bk-offsite"},
		Twin:   true,
		Hints: []string{
			"Copies are made, and into the right vault.",
			"In the first region it was deleted after 35 days. A copy does not inherit that.",
			"Look at the lifecycle of the copy action.",
		},
	}, func(rule *types.BackupRuleInput) {
		for n := range rule.CopyActions {
			rule.CopyActions[n].Lifecycle = nil
		}
	})
}

// planFault is a fault that consists of other rules of the plan.
func planFault(fault labs.Fault, change func(*types.BackupRuleInput)) labs.Fault {
	return swap(fault, func(ctx context.Context, p parts, live labs.Live) (before, after plan, err error) {
		found, err := p.plan(ctx)
		if err != nil {
			return before, after, err
		}
		id := found.BackupPlanId
		got, err := backup.NewFromConfig(live.Config).GetBackupPlan(ctx, &backup.GetBackupPlanInput{BackupPlanId: &id})
		if err != nil {
			return before, after, fmt.Errorf("reading backup plan %s: %w", id, err)
		}
		if before, err = asWritten(id, got.BackupPlan); err != nil {
			return before, after, err
		}
		if after, err = asWritten(id, got.BackupPlan); err != nil {
			return before, after, err
		}
		for n := range after.Document.Rules {
			change(&after.Document.Rules[n])
		}
		return before, after, nil
	}, putPlan)
}

// asWritten is a plan in the form in which it is put. A rule that is read has an id more than one that is written, and
// every other field is the same.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRule.html
func asWritten(id string, read *types.BackupPlan) (plan, error) {
	written := plan{ID: id}
	text, err := json.Marshal(read)
	if err == nil {
		err = json.Unmarshal(text, &written.Document)
	}
	if err != nil {
		return plan{}, fmt.Errorf("reading backup plan %s: %w", id, err)
	}
	return written, nil
}

func putPlan(ctx context.Context, live labs.Live, p plan) error {
	_, err := backup.NewFromConfig(live.Config).UpdateBackupPlan(ctx, &backup.UpdateBackupPlanInput{BackupPlanId: &p.ID, BackupPlan: &p.Document})
	if err := labs.Unless(err, "ResourceNotFoundException"); err != nil {
		return fmt.Errorf("changing backup plan %s: %w", p.ID, err)
	}
	return nil
}

// tableTag is one tag of a table.
type tableTag struct{ Table, Key, Value string }

func tagInCapitals() labs.Fault {
	return swap(labs.Fault{
		ID:     "tag-in-capitals",
		Title:  "Last night's jobs are all completed. There is one fewer than the night before.",
		Answer: "The table's tag labctl:backup says Twice-Daily, and the plan selects twice-daily: AWS Backup tells capitals from small letters.",
		Breaks: []string{"bk-coverage"},
		Hints: []string{
			"No job has failed. Which resource has none?",
			"Who decides what the plan backs up?",
			"Compare the tag labctl:backup of each resource with the conditions of the selection, letter by letter.",
		},
	}, func(ctx context.Context, p parts, _ labs.Live) (before, after tableTag, err error) {
		table, err := p.table(ctx)
		if err != nil {
			return before, after, err
		}
		value, ok := table.Tags[backupTag]
		if !ok {
			return before, after, labs.Lacks("table %s has no tag %s", table.TableName, backupTag)
		}
		return tableTag{table.TableArn, backupTag, value}, tableTag{table.TableArn, backupTag, "Twice-Daily"}, nil
	}, func(ctx context.Context, live labs.Live, t tableTag) error {
		_, err := dynamodb.NewFromConfig(live.Config).TagResource(ctx, &dynamodb.TagResourceInput{
			ResourceArn: &t.Table, Tags: []ddbtypes.Tag{{Key: &t.Key, Value: &t.Value}},
		})
		if err := labs.Unless(err, "ResourceNotFoundException"); err != nil {
			return fmt.Errorf("tagging %s: %w", t.Table, err)
		}
		return nil
	})
}
