package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"golang.org/x/sync/errgroup"
)

// regions are those that the labs work in.
var regions = []string{"us-east-1", "us-west-2"}

// lister reads one sort of thing in a region, whoever's it is.
type lister struct {
	what string
	list func(context.Context, aws.Config) ([]string, error)
}

// census lists what is in the account, by calls of its own: labctl's sweep is among what is tested here.
func census(ctx context.Context, config aws.Config) ([]string, error) {
	var group errgroup.Group
	group.SetLimit(4)
	results := make([][]string, len(regions)*len(listers()))
	n := 0
	for _, region := range regions {
		in := config.Copy()
		in.Region = region
		for _, l := range listers() {
			slot := &results[n]
			n++
			group.Go(func() error {
				ids, err := l.list(ctx, in)
				if err != nil {
					return fmt.Errorf("listing the %s of %s: %w", l.what, region, err)
				}
				for _, id := range ids {
					*slot = append(*slot, fmt.Sprintf("%s %s %s", region, l.what, id))
				}
				return nil
			})
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	all := slices.Concat(results...)
	slices.Sort(all)
	return all, nil
}

// left is what is in one census and not in the one before.
func left(before, after []string) []string {
	return slices.DeleteFunc(slices.Clone(after), func(entry string) bool { return slices.Contains(before, entry) })
}

// ids takes the ids out of a list of the SDK's.
func ids[T any](list []T, err error, id func(T) *string) ([]string, error) {
	var all []string
	for _, item := range list {
		if text := aws.ToString(id(item)); text != "" {
			all = append(all, text)
		}
	}
	return all, err
}

func listers() []lister {
	return slices.Concat(networkListers(), identityListers(), workloadListers(), recordListers())
}

func networkListers() []lister {
	return []lister{
		{"VPCs", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := ec2.NewFromConfig(c).DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
			return ids(or(out).Vpcs, err, func(v ec2types.Vpc) *string { return v.VpcId })
		}},
		{"security groups", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := ec2.NewFromConfig(c).DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{})
			return ids(or(out).SecurityGroups, err, func(g ec2types.SecurityGroup) *string { return g.GroupId })
		}},
		{"network interfaces", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := ec2.NewFromConfig(c).DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{})
			return ids(or(out).NetworkInterfaces, err, func(i ec2types.NetworkInterface) *string { return i.NetworkInterfaceId })
		}},
		{"Elastic IPs", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := ec2.NewFromConfig(c).DescribeAddresses(ctx, &ec2.DescribeAddressesInput{})
			return ids(or(out).Addresses, err, func(a ec2types.Address) *string { return a.AllocationId })
		}},
		{"internet gateways", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := ec2.NewFromConfig(c).DescribeInternetGateways(ctx, &ec2.DescribeInternetGatewaysInput{})
			return ids(or(out).InternetGateways, err, func(g ec2types.InternetGateway) *string { return g.InternetGatewayId })
		}},
		{"NAT gateways", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := ec2.NewFromConfig(c).DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{})
			return ids(or(out).NatGateways, err, func(g ec2types.NatGateway) *string {
				if g.State == ec2types.NatGatewayStateDeleted {
					return nil
				}
				return g.NatGatewayId
			})
		}},
		{"volumes", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := ec2.NewFromConfig(c).DescribeVolumes(ctx, &ec2.DescribeVolumesInput{})
			return ids(or(out).Volumes, err, func(v ec2types.Volume) *string { return v.VolumeId })
		}},
		{"snapshots", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := ec2.NewFromConfig(c).DescribeSnapshots(ctx, &ec2.DescribeSnapshotsInput{OwnerIds: []string{"self"}})
			return ids(or(out).Snapshots, err, func(s ec2types.Snapshot) *string { return s.SnapshotId })
		}},
		{"launch templates", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := ec2.NewFromConfig(c).DescribeLaunchTemplates(ctx, &ec2.DescribeLaunchTemplatesInput{})
			return ids(or(out).LaunchTemplates, err, func(t ec2types.LaunchTemplate) *string { return t.LaunchTemplateId })
		}},
		{"prefix lists", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := ec2.NewFromConfig(c).DescribeManagedPrefixLists(ctx, &ec2.DescribeManagedPrefixListsInput{})
			return ids(or(out).PrefixLists, err, func(l ec2types.ManagedPrefixList) *string { return l.PrefixListId })
		}},
	}
}

func identityListers() []lister {
	return []lister{
		{"roles", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := iam.NewFromConfig(c).ListRoles(ctx, &iam.ListRolesInput{MaxItems: aws.Int32(1000)})
			return ids(or(out).Roles, err, func(r iamtypes.Role) *string { return r.RoleName })
		}},
		{"policies", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := iam.NewFromConfig(c).ListPolicies(ctx, &iam.ListPoliciesInput{Scope: iamtypes.PolicyScopeTypeLocal, MaxItems: aws.Int32(1000)})
			return ids(or(out).Policies, err, func(p iamtypes.Policy) *string { return p.PolicyName })
		}},
		{"users", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := iam.NewFromConfig(c).ListUsers(ctx, &iam.ListUsersInput{})
			return ids(or(out).Users, err, func(u iamtypes.User) *string { return u.UserName })
		}},
		{"instance profiles", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := iam.NewFromConfig(c).ListInstanceProfiles(ctx, &iam.ListInstanceProfilesInput{})
			return ids(or(out).InstanceProfiles, err, func(p iamtypes.InstanceProfile) *string { return p.InstanceProfileName })
		}},
		{"keys", livingKeys},
		{"trails", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := cloudtrail.NewFromConfig(c).DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})
			var names []string
			for _, trail := range or(out).TrailList {
				names = append(names, aws.ToString(trail.Name))
			}
			return names, err
		}},
	}
}

// livingKeys leaves out the keys that wait for their deletion, and those that a service has made for the account (which
// the local AWS calls keys of a customer): nothing can be done about them, and they cost nothing.
func livingKeys(ctx context.Context, c aws.Config) ([]string, error) {
	client := kms.NewFromConfig(c)
	out, err := client.ListKeys(ctx, &kms.ListKeysInput{})
	if err != nil {
		return nil, err
	}
	aliases, err := client.ListAliases(ctx, &kms.ListAliasesInput{})
	if err != nil {
		return nil, err
	}
	services := map[string]bool{}
	for _, alias := range aliases.Aliases {
		if strings.HasPrefix(aws.ToString(alias.AliasName), "alias/aws/") {
			services[aws.ToString(alias.TargetKeyId)] = true
		}
	}
	var living []string
	for _, key := range out.Keys {
		if services[aws.ToString(key.KeyId)] {
			continue
		}
		described, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: key.KeyId})
		if err != nil {
			return nil, err
		}
		if described.KeyMetadata.DeletionDate == nil {
			living = append(living, aws.ToString(key.KeyId))
		}
	}
	return living, nil
}

func workloadListers() []lister {
	return []lister{
		{"Auto Scaling groups", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := autoscaling.NewFromConfig(c).DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{})
			var names []string
			for _, group := range or(out).AutoScalingGroups {
				names = append(names, aws.ToString(group.AutoScalingGroupName))
			}
			return names, err
		}},
		{"instances", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := ec2.NewFromConfig(c).DescribeInstances(ctx, &ec2.DescribeInstancesInput{})
			var living []string
			for _, reservation := range or(out).Reservations {
				for _, instance := range reservation.Instances {
					if instance.State.Name != ec2types.InstanceStateNameTerminated {
						living = append(living, aws.ToString(instance.InstanceId))
					}
				}
			}
			return living, err
		}},
		{"load balancers", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := elb.NewFromConfig(c).DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{})
			var names []string
			for _, balancer := range or(out).LoadBalancers {
				names = append(names, aws.ToString(balancer.LoadBalancerName))
			}
			return names, err
		}},
		{"target groups", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := elb.NewFromConfig(c).DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{})
			var names []string
			for _, group := range or(out).TargetGroups {
				names = append(names, aws.ToString(group.TargetGroupName))
			}
			return names, err
		}},
		{"tables", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := dynamodb.NewFromConfig(c).ListTables(ctx, &dynamodb.ListTablesInput{})
			return or(out).TableNames, err
		}},
		{"table backups", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := dynamodb.NewFromConfig(c).ListBackups(ctx, &dynamodb.ListBackupsInput{BackupType: "ALL"})
			var arns []string
			for _, backup := range or(out).BackupSummaries {
				if backup.BackupType != "SYSTEM" { // made when a table is deleted, free, and not to be deleted by anybody
					arns = append(arns, aws.ToString(backup.BackupArn))
				}
			}
			return arns, err
		}},
		{"queues", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := sqs.NewFromConfig(c).ListQueues(ctx, &sqs.ListQueuesInput{})
			return or(out).QueueUrls, err
		}},
		{"topics", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := sns.NewFromConfig(c).ListTopics(ctx, &sns.ListTopicsInput{})
			var arns []string
			for _, topic := range or(out).Topics {
				arns = append(arns, aws.ToString(topic.TopicArn))
			}
			return arns, err
		}},
		{"buckets", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := s3.NewFromConfig(c, func(o *s3.Options) { o.UsePathStyle = true }).ListBuckets(ctx, &s3.ListBucketsInput{})
			var names []string
			for _, bucket := range or(out).Buckets {
				names = append(names, aws.ToString(bucket.Name))
			}
			return names, err
		}},
	}
}

func recordListers() []lister {
	return []lister{
		{"log groups", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := cloudwatchlogs.NewFromConfig(c).DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{})
			var names []string
			for _, group := range or(out).LogGroups {
				names = append(names, aws.ToString(group.LogGroupName))
			}
			return names, err
		}},
		{"alarms", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := cloudwatch.NewFromConfig(c).DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeMetricAlarm, cwtypes.AlarmTypeCompositeAlarm}})
			var names []string
			for _, alarm := range or(out).MetricAlarms {
				names = append(names, aws.ToString(alarm.AlarmName))
			}
			for _, alarm := range or(out).CompositeAlarms {
				names = append(names, aws.ToString(alarm.AlarmName))
			}
			return names, err
		}},
		{"dashboards", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := cloudwatch.NewFromConfig(c).ListDashboards(ctx, &cloudwatch.ListDashboardsInput{})
			var names []string
			for _, dashboard := range or(out).DashboardEntries {
				names = append(names, aws.ToString(dashboard.DashboardName))
			}
			return names, err
		}},
		{"event rules", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := eventbridge.NewFromConfig(c).ListRules(ctx, &eventbridge.ListRulesInput{})
			var names []string
			for _, rule := range or(out).Rules {
				names = append(names, aws.ToString(rule.Name))
			}
			return names, err
		}},
		{"backup vaults", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := backup.NewFromConfig(c).ListBackupVaults(ctx, &backup.ListBackupVaultsInput{})
			var names []string
			for _, vault := range or(out).BackupVaultList {
				names = append(names, aws.ToString(vault.BackupVaultName))
			}
			return names, err
		}},
		{"backup plans", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := backup.NewFromConfig(c).ListBackupPlans(ctx, &backup.ListBackupPlansInput{})
			var names []string
			for _, plan := range or(out).BackupPlansList {
				names = append(names, aws.ToString(plan.BackupPlanId))
			}
			return names, err
		}},
		{"X-Ray groups", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := xray.NewFromConfig(c).GetGroups(ctx, &xray.GetGroupsInput{})
			var names []string
			for _, group := range or(out).Groups {
				names = append(names, aws.ToString(group.GroupName))
			}
			return names, err
		}},
		{"X-Ray sampling rules", func(ctx context.Context, c aws.Config) ([]string, error) {
			out, err := xray.NewFromConfig(c).GetSamplingRules(ctx, &xray.GetSamplingRulesInput{})
			var names []string
			for _, rule := range or(out).SamplingRuleRecords {
				names = append(names, aws.ToString(rule.SamplingRule.RuleName))
			}
			return names, err
		}},
	}
}

// or is the answer, or an empty one beside an error.
func or[T any](out *T) *T {
	if out == nil {
		return new(T)
	}
	return out
}
