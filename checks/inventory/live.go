package inventory

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"

	"labctl/checks/reach"
)

// live reads an account.
type live struct {
	config  aws.Config
	ec2     ec2Reader
	logs    cloudwatchlogs.DescribeLogGroupsAPIClient
	iam     iamReader
	tagging resourcegroupstaggingapi.GetResourcesAPIClient
	auditClients
	accessClients
	workloadClients
	watchClients
	recoveryClients
}

func newLive(config aws.Config) live {
	return live{
		config:  config,
		ec2:     ec2.NewFromConfig(config),
		logs:    cloudwatchlogs.NewFromConfig(config),
		iam:     iam.NewFromConfig(config),
		tagging: resourcegroupstaggingapi.NewFromConfig(config),

		auditClients:  newAuditClients(config),
		accessClients: newAccessClients(config),

		workloadClients: newWorkloadClients(config),
		watchClients:    newWatchClients(config),
		recoveryClients: newRecoveryClients(config),
	}
}

func (l live) in(region string) source {
	config := l.config.Copy()
	config.Region = region
	return newLive(config)
}

func (l live) readNetwork(ctx context.Context) (*reach.Network, error) {
	return readNetwork(ctx, l.ec2)
}
