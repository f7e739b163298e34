package local_test

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	backuptypes "github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/require"
)

// recovery is the part of an account that the corrections of the backup lab need.
type recovery struct {
	cfg    aws.Config
	backup *backup.Client
	tables *dynamodb.Client
	events *eventbridge.Client
	topics *sns.Client
	queues *sqs.Client
}

func newRecovery(cfg aws.Config) recovery {
	return recovery{
		cfg: cfg, backup: backup.NewFromConfig(cfg), tables: dynamodb.NewFromConfig(cfg),
		events: eventbridge.NewFromConfig(cfg), topics: sns.NewFromConfig(cfg), queues: sqs.NewFromConfig(cfg),
	}
}

// in is the same account seen in another region, as far as volumes and backups go.
func (a account) in(region string) account {
	cfg := a.cfg.Copy()
	cfg.Region = region
	a.recovery, a.ec2 = newRecovery(cfg), ec2.NewFromConfig(cfg)
	return a
}

// as is the account seen by a role, as far as backups go.
func (a account) as(t T, role string) account {
	out := must[sts.AssumeRoleOutput](t)(sts.NewFromConfig(a.cfg).AssumeRole(a.ctx, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("proof")}))
	cfg := a.cfg.Copy()
	cfg.Credentials = credentials.NewStaticCredentialsProvider(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
	a.recovery = newRecovery(cfg)
	return a
}

// serviceRole makes a role that the service, such as "backup", may assume.
func (a account) serviceRole(t T, name, service string) string {
	trust := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"%s.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEqualsIfExists":{"aws:SourceAccount":"123456789012"}}}]}`, service)
	return *must[iam.CreateRoleOutput](t)(a.iam.CreateRole(a.ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust})).Role.Arn
}

func (a account) vault(t T, name string) string {
	return *must[backup.CreateBackupVaultOutput](t)(a.backup.CreateBackupVault(a.ctx, &backup.CreateBackupVaultInput{
		BackupVaultName: &name, BackupVaultTags: map[string]string{"tier": "vault"},
	})).BackupVaultArn
}

// rule is a rule of a plan that puts backups into the vault.
func rule(vault string, lifecycle *backuptypes.Lifecycle) backuptypes.BackupRuleInput {
	return backuptypes.BackupRuleInput{RuleName: aws.String("daily"), TargetBackupVaultName: &vault, Lifecycle: lifecycle}
}

func (a account) createPlan(name string, rules ...backuptypes.BackupRuleInput) (*backup.CreateBackupPlanOutput, error) {
	return a.backup.CreateBackupPlan(a.ctx, &backup.CreateBackupPlanInput{
		BackupPlan: &backuptypes.BackupPlanInput{BackupPlanName: &name, Rules: rules}, BackupPlanTags: map[string]string{"tier": "plan"},
	})
}

func (a account) plan(t T, name, vault string) string {
	return *must[backup.CreateBackupPlanOutput](t)(a.createPlan(name, rule(vault, nil))).BackupPlanId
}

// putVaultPolicy gives the vault a policy of one statement.
func (a account) putVaultPolicy(vault, statement string) error {
	_, err := a.backup.PutBackupVaultAccessPolicy(a.ctx, &backup.PutBackupVaultAccessPolicyInput{
		BackupVaultName: &vault, Policy: aws.String(`{"Version":"2012-10-17","Statement":[` + statement + `]}`),
	})
	return err
}

// deniedToOthers is a statement that denies the actions to everybody but one principal.
func deniedToOthers(principal string, actions ...string) string {
	return fmt.Sprintf(`{"Effect":"Deny","Principal":{"AWS":"*"},"Action":["%s"],"Resource":"*","Condition":{"ArnNotEquals":{"aws:PrincipalArn":"%s"}}}`,
		strings.Join(actions, `","`), principal)
}

// requireCode fails unless the error is one of that code.
func requireCode(t T, err error, code string) {
	require.Error(t, err)
	require.ErrorContains(t, err, code)
}
