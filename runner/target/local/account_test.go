package local_test

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"
)

// account is a local AWS seen through the SDK.
type account struct {
	recovery
	watching
	ctx     context.Context
	trails  *cloudtrail.Client
	ec2     *ec2.Client
	elb     *elasticloadbalancingv2.Client
	groups  *autoscaling.Client
	iam     *iam.Client
	kms     *kms.Client
	logs    *cloudwatchlogs.Client
	metrics *cloudwatch.Client
	rds     *rds.Client
	route53 *route53.Client
	s3      *s3.Client
	sns     *sns.Client
	sqs     *sqs.Client
}

func newAccount(ctx context.Context, endpoint string) account {
	cfg := aws.Config{
		Region: "us-east-1", BaseEndpoint: &endpoint,
		Credentials:      credentials.NewStaticCredentialsProvider("test", "test", ""),
		RetryMaxAttempts: 1,
	}
	return account{
		recovery: newRecovery(cfg), watching: newWatching(cfg),
		ctx: ctx, trails: cloudtrail.NewFromConfig(cfg),
		ec2: ec2.NewFromConfig(cfg), iam: iam.NewFromConfig(cfg), kms: kms.NewFromConfig(cfg),
		logs: cloudwatchlogs.NewFromConfig(cfg), route53: route53.NewFromConfig(cfg),
		metrics: cloudwatch.NewFromConfig(cfg),
		elb:     elasticloadbalancingv2.NewFromConfig(cfg), groups: autoscaling.NewFromConfig(cfg),
		rds: rds.NewFromConfig(cfg), sns: sns.NewFromConfig(cfg), sqs: sqs.NewFromConfig(cfg),
		s3: s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }),
	}
}

// T is what a proof reports to: a test, or the recorder that expects it to fail.
type T = require.TestingT

// must returns the answer of a call that has to succeed.
func must[O any](t T) func(out *O, err error) *O {
	return func(out *O, err error) *O {
		require.NoError(t, err)
		return out
	}
}

func (a account) vpc(t T, cidr string) string {
	out, err := a.ec2.CreateVpc(a.ctx, &ec2.CreateVpcInput{CidrBlock: &cidr})
	require.NoError(t, err)
	return *out.Vpc.VpcId
}

// vpcWithIPv6 returns the VPC and the first /64 of its IPv6 block.
func (a account) vpcWithIPv6(t T, cidr string) (id, block64 string) {
	out, err := a.ec2.CreateVpc(a.ctx, &ec2.CreateVpcInput{CidrBlock: &cidr, AmazonProvidedIpv6CidrBlock: aws.Bool(true)})
	require.NoError(t, err)
	block := *out.Vpc.Ipv6CidrBlockAssociationSet[0].Ipv6CidrBlock
	return *out.Vpc.VpcId, block[:len(block)-len("/56")] + "/64"
}

func (a account) subnet(t T, vpc, cidr string) string {
	out, err := a.ec2.CreateSubnet(a.ctx, &ec2.CreateSubnetInput{VpcId: &vpc, CidrBlock: &cidr, AvailabilityZone: aws.String("us-east-1a")})
	require.NoError(t, err)
	return *out.Subnet.SubnetId
}

func (a account) describeSubnet(t T, id string) types.Subnet {
	out, err := a.ec2.DescribeSubnets(a.ctx, &ec2.DescribeSubnetsInput{SubnetIds: []string{id}})
	require.NoError(t, err)
	require.Len(t, out.Subnets, 1)
	return out.Subnets[0]
}

func (a account) routeTable(t T, vpc string) string {
	out, err := a.ec2.CreateRouteTable(a.ctx, &ec2.CreateRouteTableInput{VpcId: &vpc})
	require.NoError(t, err)
	return *out.RouteTable.RouteTableId
}

func (a account) routes(t T, table string) []types.Route {
	out, err := a.ec2.DescribeRouteTables(a.ctx, &ec2.DescribeRouteTablesInput{RouteTableIds: []string{table}})
	require.NoError(t, err)
	return out.RouteTables[0].Routes
}

func (a account) securityGroup(t T, vpc, name string) string {
	out, err := a.ec2.CreateSecurityGroup(a.ctx, &ec2.CreateSecurityGroupInput{VpcId: &vpc, GroupName: &name, Description: &name})
	require.NoError(t, err)
	return *out.GroupId
}

func (a account) elasticIP(t T) (id, ip string) {
	out, err := a.ec2.AllocateAddress(a.ctx, &ec2.AllocateAddressInput{Domain: types.DomainTypeVpc})
	require.NoError(t, err)
	return *out.AllocationId, *out.PublicIp
}

func (a account) natGateway(t T, subnet string) string {
	allocation, _ := a.elasticIP(t)
	out, err := a.ec2.CreateNatGateway(a.ctx, &ec2.CreateNatGatewayInput{SubnetId: &subnet, AllocationId: &allocation})
	require.NoError(t, err)
	return *out.NatGateway.NatGatewayId
}

func (a account) networkInterface(t T, subnet string) types.NetworkInterface {
	out, err := a.ec2.CreateNetworkInterface(a.ctx, &ec2.CreateNetworkInterfaceInput{SubnetId: &subnet})
	require.NoError(t, err)
	return *out.NetworkInterface
}

func (a account) interfaces(t T, ids ...string) []types.NetworkInterface {
	out, err := a.ec2.DescribeNetworkInterfaces(a.ctx, &ec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: ids})
	require.NoError(t, err)
	return out.NetworkInterfaces
}

func (a account) peering(t T, requester, accepter string) string {
	out, err := a.ec2.CreateVpcPeeringConnection(a.ctx, &ec2.CreateVpcPeeringConnectionInput{VpcId: &requester, PeerVpcId: &accepter})
	require.NoError(t, err)
	return *out.VpcPeeringConnection.VpcPeeringConnectionId
}

func filter(name string, values ...string) []types.Filter {
	return []types.Filter{{Name: &name, Values: values}}
}

// recorder is a T that only notes whether a proof failed.
type recorder struct{ failed bool }

func (r *recorder) Errorf(string, ...any) { r.failed = true }
func (r *recorder) FailNow()              { r.failed = true; runtime.Goexit() }

// fails reports whether the proof fails on the account. One that stops otherwise, by a
// panic on an answer that is not what it expects, fails as well.
func (p proof) fails(a account) bool {
	r := &recorder{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if recover() != nil {
				r.failed = true
			}
		}()
		p.check(r, a)
	}()
	select {
	case <-done:
		return r.failed
	case <-time.After(time.Minute):
		panic(fmt.Sprintf("the proof of %s hangs", p.name))
	}
}
