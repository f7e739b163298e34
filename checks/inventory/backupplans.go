package inventory

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	"golang.org/x/sync/errgroup"
)

// BackupPlan is a backup plan.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupPlan.html
type BackupPlan struct {
	BackupPlanId   string
	BackupPlanArn  string
	BackupPlanName string
	Rules          []BackupRule
	Tags           map[string]string
}

// BackupRule says when a plan makes recovery points, and where to.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRule.html
type BackupRule struct {
	RuleName               string
	TargetBackupVaultName  string
	AirGappedVaultArn      string `json:",omitempty"` // where it puts what it makes besides; "" for nowhere
	ScheduleExpression     string // "" where the rule says nothing
	ScheduleTimezone       string // "" for UTC
	StartWindow            *int   // minutes; nil where the rule says nothing
	CompletionWindow       *int   // minutes; nil where the rule says nothing
	EnableContinuousBackup bool
	Lifecycle              BackupLifecycle
	CopyActions            []BackupCopy
}

// BackupLifecycle is what becomes of a recovery point, in days after it was made. Without DeleteAfter it stays.
type BackupLifecycle struct {
	DeleteAfter       *int
	MoveToColdStorage *int
}

// BackupCopy says where else a recovery point goes. The copy has a lifecycle of its own.
type BackupCopy struct {
	DestinationBackupVaultArn string
	Lifecycle                 BackupLifecycle
}

// BackupSelection says what a plan backs up, and as whom.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupSelection.html
type BackupSelection struct {
	BackupPlanId  string
	SelectionId   string
	SelectionName string
	IamRoleArn    string
	Resources     []string // ARNs with wildcards
	NotResources  []string // ARNs with wildcards
	ListOfTags    []TagCondition
	Conditions    SelectionConditions
}

// SelectionConditions all have to hold.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Conditions.html
type SelectionConditions struct {
	StringEquals    []TagCondition
	StringLike      []TagCondition
	StringNotEquals []TagCondition
	StringNotLike   []TagCondition
}

// TagCondition is a tag and the value that it is compared with.
type TagCondition struct {
	Type  string `json:",omitempty"` // of an entry of ListOfTags: STRINGEQUALS
	Key   string
	Value string
}

// BackupPlans reads the region's backup plans that carry the scope's tag.
func (i *Inventory) BackupPlans(ctx context.Context) ([]BackupPlan, error) {
	return i.recovery.plans.get("the backup plans tagged "+i.Scope.String(), func() ([]BackupPlan, error) { return i.source.readBackupPlans(ctx, i.Scope) })
}

// BackupSelections reads what a plan selects.
func (i *Inventory) BackupSelections(ctx context.Context, plan string) ([]BackupSelection, error) {
	return i.recovery.selections.get(plan, "the selections of backup plan", func() ([]BackupSelection, error) { return i.source.readSelections(ctx, plan) })
}

func (l live) readBackupPlans(ctx context.Context, scope Scope) ([]BackupPlan, error) {
	list, err := all(ctx, backup.NewListBackupPlansPaginator(l.backup, &backup.ListBackupPlansInput{}), func(o *backup.ListBackupPlansOutput) []types.BackupPlansListMember {
		return o.BackupPlansList
	})
	if err != nil {
		return nil, err
	}
	found := make([]BackupPlan, len(list))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for n, plan := range list {
		group.Go(func() error { return l.readBackupPlan(ctx, scope, plan, &found[n]) })
	}
	err = group.Wait()
	return only(found, func(p BackupPlan) bool { return p.BackupPlanId != "" }), err
}

// readBackupPlan reads the tags of a plan and, where the scope's is among them, the rest.
func (l live) readBackupPlan(ctx context.Context, scope Scope, plan types.BackupPlansListMember, into *BackupPlan) error {
	tags, err := l.readBackupTags(ctx, plan.BackupPlanArn)
	if err != nil || tags[scope.Key] != scope.Value {
		return err
	}
	got, err := l.backup.GetBackupPlan(ctx, &backup.GetBackupPlanInput{BackupPlanId: plan.BackupPlanId})
	if err != nil {
		return unless(err, "ResourceNotFoundException") // it has gone meanwhile
	}
	*into = BackupPlan{BackupPlanId: aws.ToString(got.BackupPlanId), BackupPlanArn: aws.ToString(got.BackupPlanArn), BackupPlanName: aws.ToString(got.BackupPlan.BackupPlanName), Tags: tags}
	for _, rule := range got.BackupPlan.Rules {
		into.Rules = append(into.Rules, backupRuleOf(rule))
	}
	return nil
}

// readBackupTags reads the tags of a plan or vault; nil where it is gone.
func (l live) readBackupTags(ctx context.Context, arn *string) (map[string]string, error) {
	tags := map[string]string{}
	for in := (&backup.ListTagsInput{ResourceArn: arn}); ; {
		page, err := l.backup.ListTags(ctx, in)
		if err != nil {
			return nil, unless(err, "ResourceNotFoundException")
		}
		for key, value := range page.Tags {
			tags[key] = value
		}
		if in.NextToken = page.NextToken; in.NextToken == nil {
			return tags, nil
		}
	}
}

func backupRuleOf(rule types.BackupRule) BackupRule {
	found := BackupRule{
		RuleName: aws.ToString(rule.RuleName), TargetBackupVaultName: aws.ToString(rule.TargetBackupVaultName),
		AirGappedVaultArn:  aws.ToString(rule.TargetLogicallyAirGappedBackupVaultArn),
		ScheduleExpression: aws.ToString(rule.ScheduleExpression), ScheduleTimezone: aws.ToString(rule.ScheduleExpressionTimezone),
		StartWindow: maybeLong(rule.StartWindowMinutes), CompletionWindow: maybeLong(rule.CompletionWindowMinutes),
		EnableContinuousBackup: aws.ToBool(rule.EnableContinuousBackup), Lifecycle: backupLifecycleOf(rule.Lifecycle),
	}
	for _, action := range rule.CopyActions {
		found.CopyActions = append(found.CopyActions, BackupCopy{aws.ToString(action.DestinationBackupVaultArn), backupLifecycleOf(action.Lifecycle)})
	}
	return found
}

// backupLifecycleOf reads a lifecycle. AWS Backup and some of its API's consumers write -1 for never.
func backupLifecycleOf(lifecycle *types.Lifecycle) BackupLifecycle {
	if lifecycle == nil {
		return BackupLifecycle{}
	}
	return BackupLifecycle{DeleteAfter: days(lifecycle.DeleteAfterDays), MoveToColdStorage: days(lifecycle.MoveToColdStorageAfterDays)}
}

func days(n *int64) *int {
	if n == nil || *n < 0 {
		return nil
	}
	return maybeLong(n)
}

// maybeLong is an int64 of the SDK that may be absent.
func maybeLong(n *int64) *int {
	if n == nil {
		return nil
	}
	return aws.Int(int(*n))
}

func (l live) readSelections(ctx context.Context, plan string) ([]BackupSelection, error) {
	list, err := all(ctx, backup.NewListBackupSelectionsPaginator(l.backup, &backup.ListBackupSelectionsInput{BackupPlanId: &plan}), func(o *backup.ListBackupSelectionsOutput) []types.BackupSelectionsListMember {
		return o.BackupSelectionsList
	})
	if err != nil {
		return nil, missing(err, "ResourceNotFoundException")
	}
	found := make([]BackupSelection, len(list))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for n, selection := range list {
		group.Go(func() error {
			got, err := l.backup.GetBackupSelection(ctx, &backup.GetBackupSelectionInput{BackupPlanId: &plan, SelectionId: selection.SelectionId})
			if err == nil {
				found[n] = selectionOf(plan, aws.ToString(selection.SelectionId), got.BackupSelection)
			}
			return unless(err, "ResourceNotFoundException")
		})
	}
	err = group.Wait()
	return only(found, func(s BackupSelection) bool { return s.SelectionId != "" }), err
}

func selectionOf(plan, id string, s *types.BackupSelection) BackupSelection {
	found := BackupSelection{
		BackupPlanId: plan, SelectionId: id, SelectionName: aws.ToString(s.SelectionName), IamRoleArn: aws.ToString(s.IamRoleArn),
		Resources: s.Resources, NotResources: s.NotResources,
	}
	for _, tag := range s.ListOfTags {
		found.ListOfTags = append(found.ListOfTags, TagCondition{string(tag.ConditionType), aws.ToString(tag.ConditionKey), aws.ToString(tag.ConditionValue)})
	}
	if c := s.Conditions; c != nil {
		found.Conditions = SelectionConditions{
			StringEquals: tagConditions(c.StringEquals), StringLike: tagConditions(c.StringLike),
			StringNotEquals: tagConditions(c.StringNotEquals), StringNotLike: tagConditions(c.StringNotLike),
		}
	}
	return found
}

func tagConditions(list []types.ConditionParameter) []TagCondition {
	var found []TagCondition
	for _, c := range list {
		found = append(found, TagCondition{Key: aws.ToString(c.ConditionKey), Value: aws.ToString(c.ConditionValue)})
	}
	return found
}

func (f Facts) readBackupPlans(_ context.Context, scope Scope) ([]BackupPlan, error) {
	return only(f.BackupPlans, func(p BackupPlan) bool { return p.Tags[scope.Key] == scope.Value }), nil
}

func (f Facts) readSelections(_ context.Context, plan string) ([]BackupSelection, error) {
	return only(f.BackupSelections, func(s BackupSelection) bool { return s.BackupPlanId == plan }), nil
}
