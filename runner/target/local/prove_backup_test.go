package local_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func proveBackupTags(t T, a account) {
	tags := func(arn string) map[string]string {
		return must[backup.ListTagsOutput](t)(a.backup.ListTags(a.ctx, &backup.ListTagsInput{ResourceArn: &arn})).Tags
	}
	arn := a.vault(t, "tagged")
	assert.Equal(t, map[string]string{"tier": "vault"}, tags(arn))
	must[backup.TagResourceOutput](t)(a.backup.TagResource(a.ctx, &backup.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"owner": "shop"}}))
	assert.Equal(t, map[string]string{"tier": "vault", "owner": "shop"}, tags(arn))
	must[backup.UntagResourceOutput](t)(a.backup.UntagResource(a.ctx, &backup.UntagResourceInput{ResourceArn: &arn, TagKeyList: []string{"tier"}}))
	assert.Equal(t, map[string]string{"owner": "shop"}, tags(arn))

	plan := must[backup.CreateBackupPlanOutput](t)(a.createPlan("tagged", rule("tagged", nil)))
	assert.Equal(t, map[string]string{"tier": "plan"}, tags(*plan.BackupPlanArn))
	must[backup.DeleteBackupPlanOutput](t)(a.backup.DeleteBackupPlan(a.ctx, &backup.DeleteBackupPlanInput{BackupPlanId: plan.BackupPlanId}))
	must[backup.DeleteBackupVaultOutput](t)(a.backup.DeleteBackupVault(a.ctx, &backup.DeleteBackupVaultInput{BackupVaultName: aws.String("tagged")}))
	must[backup.CreateBackupVaultOutput](t)(a.backup.CreateBackupVault(a.ctx, &backup.CreateBackupVaultInput{BackupVaultName: aws.String("tagged")}))
	assert.Empty(t, tags(arn), "the next vault of that name starts without tags")
}

func proveBackupVaults(t T, a account) {
	a.vault(t, "plain")
	vault := must[backup.DescribeBackupVaultOutput](t)(a.backup.DescribeBackupVault(a.ctx, &backup.DescribeBackupVaultInput{BackupVaultName: aws.String("plain")}))
	assert.Contains(t, aws.ToString(vault.EncryptionKeyArn), "arn:aws:kms:us-east-1:123456789012:key/")
	for _, want := range []string{"", "ResourceNotFoundException"} {
		_, err := a.backup.DeleteBackupVault(a.ctx, &backup.DeleteBackupVaultInput{BackupVaultName: aws.String("plain")})
		if want == "" {
			require.NoError(t, err)
		} else {
			requireCode(t, err, want)
		}
	}
}

func proveBackupPlans(t T, a account) {
	const vault = "planned"
	a.vault(t, vault)
	for why, refused := range map[string]types.BackupRuleInput{
		"an unknown vault":         rule("nowhere", nil),
		"89 days in cold storage":  rule(vault, &types.Lifecycle{MoveToColdStorageAfterDays: aws.Int64(30), DeleteAfterDays: aws.Int64(119)}),
		"a copy with 1 day in it":  {RuleName: aws.String("daily"), TargetBackupVaultName: aws.String(vault), CopyActions: []types.CopyAction{{DestinationBackupVaultArn: aws.String("arn:aws:backup:us-west-2:123456789012:backup-vault:x"), Lifecycle: &types.Lifecycle{MoveToColdStorageAfterDays: aws.Int64(30), DeleteAfterDays: aws.Int64(31)}}}},
		"deletion on the same day": rule(vault, &types.Lifecycle{DeleteAfterDays: aws.Int64(0)}),
	} {
		_, err := a.createPlan("refused", refused)
		assert.ErrorContains(t, err, "InvalidParameterValueException", why)
	}
	first := must[backup.CreateBackupPlanOutput](t)(a.createPlan("plan", rule(vault, &types.Lifecycle{MoveToColdStorageAfterDays: aws.Int64(30), DeleteAfterDays: aws.Int64(120)})))
	update := func(days int64) (*backup.UpdateBackupPlanOutput, error) {
		return a.backup.UpdateBackupPlan(a.ctx, &backup.UpdateBackupPlanInput{BackupPlanId: first.BackupPlanId, BackupPlan: &types.BackupPlanInput{
			BackupPlanName: aws.String("plan"), Rules: []types.BackupRuleInput{rule(vault, &types.Lifecycle{DeleteAfterDays: &days})},
		}})
	}
	second := must[backup.UpdateBackupPlanOutput](t)(update(35))
	assert.Equal(t, first.BackupPlanArn, second.BackupPlanArn)
	assert.NotEqual(t, first.VersionId, second.VersionId)
	_, err := update(0)
	requireCode(t, err, "InvalidParameterValueException")
	keeps := func(version *string) int64 {
		out := must[backup.GetBackupPlanOutput](t)(a.backup.GetBackupPlan(a.ctx, &backup.GetBackupPlanInput{BackupPlanId: first.BackupPlanId, VersionId: version}))
		return *out.BackupPlan.Rules[0].Lifecycle.DeleteAfterDays
	}
	assert.EqualValues(t, 35, keeps(nil))
	assert.EqualValues(t, 120, keeps(first.VersionId))
	versions := must[backup.ListBackupPlanVersionsOutput](t)(a.backup.ListBackupPlanVersions(a.ctx, &backup.ListBackupPlanVersionsInput{BackupPlanId: first.BackupPlanId}))
	assert.Len(t, versions.BackupPlanVersionsList, 2)

	for range 2 {
		_, err = a.backup.DeleteBackupPlan(a.ctx, &backup.DeleteBackupPlanInput{BackupPlanId: first.BackupPlanId})
	}
	requireCode(t, err, "ResourceNotFoundException")
	_, err = a.backup.GetBackupPlan(a.ctx, &backup.GetBackupPlanInput{BackupPlanId: first.BackupPlanId})
	requireCode(t, err, "ResourceNotFoundException")
	a.plan(t, "plan", vault)
}

func proveBackupSelections(t T, a account) {
	a.vault(t, "selecting")
	plan, role := a.plan(t, "selecting", "selecting"), a.serviceRole(t, "selecting", "backup")
	selection := types.BackupSelection{
		SelectionName: aws.String("tagged"), IamRoleArn: &role, Resources: []string{"arn:aws:dynamodb:*:*:table/*"},
		Conditions: &types.Conditions{StringEquals: []types.ConditionParameter{{ConditionKey: aws.String("aws:ResourceTag/tier"), ConditionValue: aws.String("data")}}},
	}
	create := func(s types.BackupSelection) (*backup.CreateBackupSelectionOutput, error) {
		return a.backup.CreateBackupSelection(a.ctx, &backup.CreateBackupSelectionInput{BackupPlanId: &plan, BackupSelection: &s})
	}
	id := must[backup.CreateBackupSelectionOutput](t)(create(selection)).SelectionId
	_, err := create(selection)
	requireCode(t, err, "AlreadyExistsException")
	for _, stranger := range []string{"arn:aws:iam::123456789012:role/nobody", a.serviceRole(t, "selecting-lambda", "lambda")} {
		_, err = create(types.BackupSelection{SelectionName: aws.String("other"), IamRoleArn: &stranger})
		requireCode(t, err, "InvalidParameterValueException")
	}
	get := func() (*backup.GetBackupSelectionOutput, error) {
		return a.backup.GetBackupSelection(a.ctx, &backup.GetBackupSelectionInput{BackupPlanId: &plan, SelectionId: id})
	}
	read := must[backup.GetBackupSelectionOutput](t)(get()).BackupSelection
	assert.Equal(t, selection.Resources, read.Resources)
	assert.Equal(t, selection.Conditions.StringEquals, read.Conditions.StringEquals)
	list := must[backup.ListBackupSelectionsOutput](t)(a.backup.ListBackupSelections(a.ctx, &backup.ListBackupSelectionsInput{BackupPlanId: &plan}))
	require.Len(t, list.BackupSelectionsList, 1)
	assert.Equal(t, role, *list.BackupSelectionsList[0].IamRoleArn)

	_, err = a.backup.DeleteBackupPlan(a.ctx, &backup.DeleteBackupPlanInput{BackupPlanId: &plan})
	requireCode(t, err, "InvalidRequestException")
	must[backup.DeleteBackupSelectionOutput](t)(a.backup.DeleteBackupSelection(a.ctx, &backup.DeleteBackupSelectionInput{BackupPlanId: &plan, SelectionId: id}))
	_, err = get()
	requireCode(t, err, "ResourceNotFoundException")
	must[backup.DeleteBackupPlanOutput](t)(a.backup.DeleteBackupPlan(a.ctx, &backup.DeleteBackupPlanInput{BackupPlanId: &plan}))
}

func proveVaultPolicies(t T, a account) {
	const vault = "guarded"
	arn, guard := a.vault(t, vault), a.serviceRole(t, "guard", "ec2")
	get := func() (*backup.GetBackupVaultAccessPolicyOutput, error) {
		return a.backup.GetBackupVaultAccessPolicy(a.ctx, &backup.GetBackupVaultAccessPolicyInput{BackupVaultName: aws.String(vault)})
	}
	lock := func(by account) error {
		_, err := by.backup.PutBackupVaultLockConfiguration(a.ctx, &backup.PutBackupVaultLockConfigurationInput{BackupVaultName: aws.String(vault), MinRetentionDays: aws.Int64(1)})
		return err
	}
	_, err := get()
	requireCode(t, err, "ResourceNotFoundException")
	requireCode(t, a.putVaultPolicy(vault, `nope`), "InvalidParameterValueException")
	requireCode(t, a.putVaultPolicy(vault, `{"Effect":"Deny","Action":"*","Resource":"*"}`), "InvalidParameterValueException")
	denied := deniedToOthers(guard, "backup:PutBackupVault*")
	require.NoError(t, a.putVaultPolicy(vault, denied))
	read := must[backup.GetBackupVaultAccessPolicyOutput](t)(get())
	assert.Equal(t, arn, *read.BackupVaultArn)
	assert.Contains(t, *read.Policy, denied)

	requireCode(t, a.putVaultPolicy(vault, denied), "AccessDeniedException")
	requireCode(t, lock(a), "AccessDeniedException")
	require.NoError(t, a.as(t, guard).putVaultPolicy(vault, denied), "the policy excepts the guard")
	require.NoError(t, lock(a.as(t, guard)))

	must[backup.DeleteBackupVaultAccessPolicyOutput](t)(a.backup.DeleteBackupVaultAccessPolicy(a.ctx, &backup.DeleteBackupVaultAccessPolicyInput{BackupVaultName: aws.String(vault)}))
	_, err = get()
	requireCode(t, err, "ResourceNotFoundException")
	require.NoError(t, lock(a))
}
