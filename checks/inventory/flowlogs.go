package inventory

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// FlowLog is an answer of DescribeFlowLogs, under its field names.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FlowLog.html
type FlowLog struct {
	FlowLogId                string
	ResourceId               string // a VPC, subnet, network interface or transit gateway
	TrafficType              string // ALL, ACCEPT or REJECT
	FlowLogStatus            string // ACTIVE
	DeliverLogsStatus        string // SUCCESS, FAILED, or "" before the first delivery
	DeliverLogsErrorMessage  string
	DeliverLogsPermissionArn string // the role that delivers to CloudWatch Logs
	LogDestinationType       string // cloud-watch-logs, s3 or kinesis-data-firehose
	LogDestination           string // ARN
	LogGroupName             string
}

// LogGroup is a CloudWatch log group. Its Arn has no ":*" at the end.
type LogGroup struct {
	LogGroupName    string
	Arn             string
	RetentionInDays int               `json:",omitempty"` // 0 where events never expire
	KmsKeyId        string            `json:",omitempty"` // the key's ARN; "" without a key of one's own
	Tags            map[string]string `json:",omitempty"` // nil where the group was asked for by its name
}

// FlowLogs reads the flow logs of the region.
func (i *Inventory) FlowLogs(ctx context.Context) ([]FlowLog, error) {
	return i.flowLogs.get("the flow logs of "+i.Region, func() ([]FlowLog, error) { return i.source.readFlowLogs(ctx) })
}

// LogGroup reads one log group; where there is none of that name the error wraps ErrNotFound.
func (i *Inventory) LogGroup(ctx context.Context, name string) (LogGroup, error) {
	return i.logGroups.get(name, "log group", func() (LogGroup, error) { return i.source.readLogGroup(ctx, name) })
}

func (l live) readFlowLogs(ctx context.Context) ([]FlowLog, error) {
	logs, err := all(ctx, ec2.NewDescribeFlowLogsPaginator(l.ec2, &ec2.DescribeFlowLogsInput{}), func(o *ec2.DescribeFlowLogsOutput) []types.FlowLog { return o.FlowLogs })
	if err != nil {
		return nil, err
	}
	found := make([]FlowLog, len(logs))
	for n, log := range logs {
		found[n] = FlowLog{
			FlowLogId:                aws.ToString(log.FlowLogId),
			ResourceId:               aws.ToString(log.ResourceId),
			TrafficType:              string(log.TrafficType),
			FlowLogStatus:            aws.ToString(log.FlowLogStatus),
			DeliverLogsStatus:        aws.ToString(log.DeliverLogsStatus),
			DeliverLogsErrorMessage:  aws.ToString(log.DeliverLogsErrorMessage),
			DeliverLogsPermissionArn: aws.ToString(log.DeliverLogsPermissionArn),
			LogDestinationType:       string(log.LogDestinationType),
			LogDestination:           aws.ToString(log.LogDestination),
			LogGroupName:             aws.ToString(log.LogGroupName),
		}
	}
	return found, nil
}

func (l live) readLogGroup(ctx context.Context, name string) (LogGroup, error) {
	groups, err := all(ctx, cloudwatchlogs.NewDescribeLogGroupsPaginator(l.logs, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String(name)}), func(o *cloudwatchlogs.DescribeLogGroupsOutput) []logtypes.LogGroup { return o.LogGroups })
	if err != nil {
		return LogGroup{}, err
	}
	for _, group := range groups {
		if aws.ToString(group.LogGroupName) == name {
			return LogGroup{
				LogGroupName: name, Arn: strings.TrimSuffix(aws.ToString(group.Arn), ":*"),
				RetentionInDays: number(group.RetentionInDays), KmsKeyId: aws.ToString(group.KmsKeyId),
			}, nil
		}
	}
	return LogGroup{}, ErrNotFound
}
