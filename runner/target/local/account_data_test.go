package local_test

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"
)

// table makes a table on demand with the orders "1" and "2", and returns its ARN.
func (a account) table(t T, name string, change ...func(*dynamodb.CreateTableInput)) string {
	in := &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("order"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("order"), AttributeType: types.ScalarAttributeTypeS}},
		Tags:                 []types.Tag{{Key: aws.String("kind"), Value: aws.String("orders")}},
	}
	for _, c := range change {
		c(in)
	}
	arn := must[dynamodb.CreateTableOutput](t)(a.tables.CreateTable(a.ctx, in)).TableDescription.TableArn
	a.putItem(t, name, "1", "new")
	a.putItem(t, name, "2", "new")
	return *arn
}

func order(id string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"order": &types.AttributeValueMemberS{Value: id}}
}

func (a account) putItem(t T, table, id, state string) {
	item := order(id)
	item["state"] = &types.AttributeValueMemberS{Value: state}
	must[dynamodb.PutItemOutput](t)(a.tables.PutItem(a.ctx, &dynamodb.PutItemInput{TableName: &table, Item: item}))
}

func (a account) deleteItem(t T, table, id string) {
	must[dynamodb.DeleteItemOutput](t)(a.tables.DeleteItem(a.ctx, &dynamodb.DeleteItemInput{TableName: &table, Key: order(id)}))
}

// items returns the orders of a table, each with its state where that is not "new".
func (a account) items(t T, table string) []string {
	var found []string
	for _, item := range must[dynamodb.ScanOutput](t)(a.tables.Scan(a.ctx, &dynamodb.ScanInput{TableName: &table})).Items {
		id := item["order"].(*types.AttributeValueMemberS).Value
		if state, ok := item["state"].(*types.AttributeValueMemberS); ok && state.Value != "new" {
			id += " " + state.Value
		}
		found = append(found, id)
	}
	slices.Sort(found)
	return found
}

func (a account) volume(t T, in *ec2.CreateVolumeInput) string {
	in.AvailabilityZone = aws.String("us-east-1a")
	return *must[ec2.CreateVolumeOutput](t)(a.ec2.CreateVolume(a.ctx, in)).VolumeId
}

func (a account) describeVolume(t T, id string) ec2types.Volume {
	out := must[ec2.DescribeVolumesOutput](t)(a.ec2.DescribeVolumes(a.ctx, &ec2.DescribeVolumesInput{VolumeIds: []string{id}}))
	require.Len(t, out.Volumes, 1)
	return out.Volumes[0]
}

func (a account) keyARN(t T) string {
	return *must[kms.CreateKeyOutput](t)(a.kms.CreateKey(a.ctx, &kms.CreateKeyInput{})).KeyMetadata.Arn
}

func (a account) setVersioning(t T, bucket string, status s3types.BucketVersioningStatus) {
	must[s3.PutBucketVersioningOutput](t)(a.s3.PutBucketVersioning(a.ctx, &s3.PutBucketVersioningInput{
		Bucket: &bucket, VersioningConfiguration: &s3types.VersioningConfiguration{Status: status},
	}))
}
