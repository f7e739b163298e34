package sweep

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

type snapshotAPI interface {
	ec2.DescribeSnapshotsAPIClient
	DeleteSnapshot(context.Context, *ec2.DeleteSnapshotInput, ...func(*ec2.Options)) (*ec2.DeleteSnapshotOutput, error)
}

// snapshots are the account's own. One that somebody made belongs to whom its volume belongs
// to, as long as that exists. One that AWS Backup made is a recovery point: it carries copies
// of the volume's tags, whoever's the vault is that it lies in, so that its vault decides, and
// only with the vault it goes.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteRecoveryPoint.html
type snapshots struct {
	api    snapshotAPI
	vaults recoveryPointAPI
}

// backupMark begins the tags of what AWS Backup made, and backupWords its descriptions.
const (
	backupMark  = "aws:backup:"
	backupWords = "This snapshot is created by the AWS Backup service"
)

func (h snapshots) list(ctx context.Context, _ []string) ([]found, error) {
	var all, points []found
	pages := ec2.NewDescribeSnapshotsPaginator(h.api, &ec2.DescribeSnapshotsInput{OwnerIds: []string{"self"}})
	err := eachPage(ctx, pages, func(page *ec2.DescribeSnapshotsOutput) {
		for _, s := range page.Snapshots {
			f := ec2Found(s.SnapshotId, s.Tags, s.VolumeId)
			f.units = int(aws.ToInt32(s.VolumeSize))
			if madeByBackup(s, f.tags) {
				points = append(points, f)
				continue
			}
			all = append(all, f)
		}
	})
	if err != nil || len(points) == 0 {
		return all, err
	}
	vaults, err := vaultsOfPoints(ctx, h.vaults)
	for arn, vault := range vaults {
		i := slices.IndexFunc(points, func(f found) bool { return strings.HasSuffix(arn, ":snapshot/"+f.id) })
		if i >= 0 {
			p := points[i]
			all = append(all, found{id: p.id, name: p.name, arn: arn, units: p.units, in: []string{vault.arn}, madeBy: vault.id})
		}
	}
	return all, err
}

func madeByBackup(s types.Snapshot, tags map[string]string) bool {
	for key := range tags {
		if strings.HasPrefix(key, backupMark) {
			return true
		}
	}
	return strings.HasPrefix(aws.ToString(s.Description), backupWords)
}

func (h snapshots) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteSnapshot(ctx, &ec2.DeleteSnapshotInput{SnapshotId: aws.String(id)})
	return err
}

type tableBackupAPI interface {
	ListBackups(context.Context, *dynamodb.ListBackupsInput, ...func(*dynamodb.Options)) (*dynamodb.ListBackupsOutput, error)
	DeleteBackup(context.Context, *dynamodb.DeleteBackupInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteBackupOutput, error)
}

// tableBackups are DynamoDB's own, with ARNs for ids. They carry no tags and outlive their
// table: while it exists it says whose they are, and then its name does. Those that DynamoDB
// makes itself, of a table deleted with point-in-time recovery on, are left out: they cost
// nothing, end after 35 days, and cannot be deleted. Those that AWS Backup made go with their vault.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
type tableBackups struct {
	api    tableBackupAPI
	vaults recoveryPointAPI
}

func (h tableBackups) list(ctx context.Context, _ []string) ([]found, error) {
	var all, points []found
	for in := (&dynamodb.ListBackupsInput{BackupType: dynamotypes.BackupTypeFilterAll}); ; {
		out, err := h.api.ListBackups(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, b := range out.BackupSummaries {
			if b.BackupStatus == dynamotypes.BackupStatusDeleted {
				continue
			}
			f := found{id: aws.ToString(b.BackupArn), name: aws.ToString(b.TableName), arn: aws.ToString(b.BackupArn), untaggable: true}
			switch b.BackupType {
			case dynamotypes.BackupTypeUser:
				f.in = ids(b.TableArn)
				all = append(all, f)
			case dynamotypes.BackupTypeAwsBackup:
				points = append(points, f)
			}
		}
		if in.ExclusiveStartBackupArn = out.LastEvaluatedBackupArn; in.ExclusiveStartBackupArn == nil {
			break
		}
	}
	if len(points) == 0 {
		return all, nil
	}
	vaults, err := vaultsOfPoints(ctx, h.vaults)
	for _, p := range points {
		if vault, ok := vaults[p.id]; ok {
			all = append(all, found{id: p.id, name: p.name, arn: p.arn, in: []string{vault.arn}, madeBy: vault.id})
		}
	}
	return all, err
}

func (h tableBackups) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteBackup(ctx, &dynamodb.DeleteBackupInput{BackupArn: aws.String(id)})
	if err != nil && code(err) == "ValidationException" {
		return fmt.Errorf("only AWS Backup can delete what it made: %w", err)
	}
	return err
}
