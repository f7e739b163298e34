package inventory

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// Table is a DynamoDB table. AWS keeps every table in several zones of its region.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.CoreComponents.html
type Table struct {
	TableArn                  string
	TableName                 string
	TableStatus               string
	DeletionProtectionEnabled bool
	KMSMasterKeyArn           string `json:",omitempty"` // "" for the key that DynamoDB owns
	Tags                      map[string]string
}

// Database is an RDS database: an instance of its own, or a cluster.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html
type Database struct {
	Arn                string
	Identifier         string
	Cluster            bool
	Status             string
	MultiAZ            bool // a standby, or a cluster's members, in more than one zone
	DeletionProtection bool
	KmsKeyId           string `json:",omitempty"` // "" where it is not encrypted
	// BackupRetentionPeriod is how many days back the database can be restored to any second; 0 where it cannot.
	BackupRetentionPeriod int        `json:",omitempty"`
	LatestRestorableTime  *time.Time `json:",omitempty"`
	Tags                  map[string]string
}

// Tables reads the region's DynamoDB tables that carry the scope's tag.
func (i *Inventory) Tables(ctx context.Context) ([]Table, error) {
	return i.workload.tables.get("the tables tagged "+i.Scope.String(), func() ([]Table, error) { return i.source.readTables(ctx, i.Scope) })
}

// Databases reads the region's RDS instances and clusters. An instance that is a member of a cluster is not listed: it goes
// with its cluster.
func (i *Inventory) Databases(ctx context.Context) ([]Database, error) {
	return i.workload.databases.get("the databases of "+i.Region, func() ([]Database, error) { return i.source.readDatabases(ctx) })
}

func (l live) readTables(ctx context.Context, scope Scope) ([]Table, error) {
	marked, err := l.readTagged(ctx, scope, "dynamodb:table")
	if err != nil {
		return nil, err
	}
	var found []Table
	for _, resource := range marked {
		_, name, ok := strings.Cut(resource.arn, ":table/")
		if !ok {
			continue
		}
		got, err := l.dynamodb.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
		if gone := missing(err, "ResourceNotFoundException"); errors.Is(gone, ErrNotFound) {
			continue // the tagging API goes on listing it for a while
		}
		if err != nil {
			return nil, err //nolint:wrapcheck // the SDK's errors name the call
		}
		table := Table{
			TableArn: resource.arn, TableName: name, TableStatus: string(got.Table.TableStatus),
			DeletionProtectionEnabled: aws.ToBool(got.Table.DeletionProtectionEnabled), Tags: resource.tags,
		}
		if sse := got.Table.SSEDescription; sse != nil {
			table.KMSMasterKeyArn = aws.ToString(sse.KMSMasterKeyArn)
		}
		found = append(found, table)
	}
	return found, nil
}

func (l live) readDatabases(ctx context.Context) ([]Database, error) {
	instances, err := all(ctx, rds.NewDescribeDBInstancesPaginator(l.rds, &rds.DescribeDBInstancesInput{}), func(o *rds.DescribeDBInstancesOutput) []types.DBInstance { return o.DBInstances })
	if err != nil {
		return nil, err
	}
	clusters, err := all(ctx, rds.NewDescribeDBClustersPaginator(l.rds, &rds.DescribeDBClustersInput{}), func(o *rds.DescribeDBClustersOutput) []types.DBCluster { return o.DBClusters })
	if err != nil {
		return nil, err
	}
	var found []Database
	for _, instance := range instances {
		if aws.ToString(instance.DBClusterIdentifier) == "" {
			found = append(found, Database{
				Arn: aws.ToString(instance.DBInstanceArn), Identifier: aws.ToString(instance.DBInstanceIdentifier), Status: aws.ToString(instance.DBInstanceStatus),
				MultiAZ: aws.ToBool(instance.MultiAZ), DeletionProtection: aws.ToBool(instance.DeletionProtection), Tags: databaseTags(instance.TagList),
				KmsKeyId: aws.ToString(instance.KmsKeyId), BackupRetentionPeriod: number(instance.BackupRetentionPeriod), LatestRestorableTime: instance.LatestRestorableTime,
			})
		}
	}
	for _, cluster := range clusters {
		found = append(found, Database{
			Arn: aws.ToString(cluster.DBClusterArn), Identifier: aws.ToString(cluster.DBClusterIdentifier), Cluster: true, Status: aws.ToString(cluster.Status),
			MultiAZ: aws.ToBool(cluster.MultiAZ), DeletionProtection: aws.ToBool(cluster.DeletionProtection), Tags: databaseTags(cluster.TagList),
			KmsKeyId: aws.ToString(cluster.KmsKeyId), BackupRetentionPeriod: number(cluster.BackupRetentionPeriod), LatestRestorableTime: cluster.LatestRestorableTime,
		})
	}
	return found, nil
}

func databaseTags(list []types.Tag) map[string]string {
	tags := map[string]string{}
	for _, tag := range list {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return tags
}

func (f Facts) readTables(_ context.Context, scope Scope) ([]Table, error) {
	return only(f.Tables, func(t Table) bool { return t.Tags[scope.Key] == scope.Value }), nil
}

func (f Facts) readDatabases(context.Context) ([]Database, error) { return f.Databases, nil }
