package local_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/assert"
)

func proveRedrivePolicies(t T, a account) {
	attributes := func(url *string, name types.QueueAttributeName) string {
		return must[sqs.GetQueueAttributesOutput](t)(a.sqs.GetQueueAttributes(a.ctx, &sqs.GetQueueAttributesInput{
			QueueUrl: url, AttributeNames: []types.QueueAttributeName{name},
		})).Attributes[string(name)]
	}
	dead := must[sqs.CreateQueueOutput](t)(a.sqs.CreateQueue(a.ctx, &sqs.CreateQueueInput{QueueName: aws.String("redrive-dead")})).QueueUrl
	policy := `{"deadLetterTargetArn":"` + attributes(dead, types.QueueAttributeNameQueueArn) + `","maxReceiveCount":5}`
	orders := must[sqs.CreateQueueOutput](t)(a.sqs.CreateQueue(a.ctx, &sqs.CreateQueueInput{
		QueueName: aws.String("redrive-orders"), Attributes: map[string]string{"RedrivePolicy": policy},
	})).QueueUrl
	assert.Equal(t, policy, attributes(orders, types.QueueAttributeNameRedrivePolicy))
}

func proveStandbyZones(t T, a account) {
	s := a.site(t, "standby-zones")
	must[rds.CreateDBSubnetGroupOutput](t)(s.rds.CreateDBSubnetGroup(s.ctx, &rds.CreateDBSubnetGroupInput{
		DBSubnetGroupName: &s.name, DBSubnetGroupDescription: &s.name, SubnetIds: s.subnets[1:],
	}))
	for _, multiAZ := range []bool{true, false} {
		made := must[rds.CreateDBInstanceOutput](t)(s.rds.CreateDBInstance(s.ctx, &rds.CreateDBInstanceInput{
			DBInstanceIdentifier: aws.String(s.name), DBInstanceClass: aws.String("db.t4g.micro"), Engine: aws.String("postgres"), MultiAZ: &multiAZ,
			AllocatedStorage: aws.Int32(20), MasterUsername: aws.String("orders"), MasterUserPassword: aws.String("not-a-Secret1"), DBSubnetGroupName: &s.name,
		})).DBInstance
		assert.Equal(t, "us-east-1b", *made.AvailabilityZone)
		if multiAZ {
			assert.Equal(t, "us-east-1c", aws.ToString(made.SecondaryAvailabilityZone))
		} else {
			assert.Nil(t, made.SecondaryAvailabilityZone)
		}
		must[rds.DeleteDBInstanceOutput](t)(s.rds.DeleteDBInstance(s.ctx, &rds.DeleteDBInstanceInput{DBInstanceIdentifier: &s.name, SkipFinalSnapshot: aws.Bool(true)}))
	}
}
